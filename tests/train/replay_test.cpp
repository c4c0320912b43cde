#include "emotrain/train/replay.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "emotrain/core/error.hpp"
#include "emotrain/optim/emo.hpp"
#include "emotrain/optim/rules/sgd.hpp"

using namespace emotrain;
using namespace emotrain::train;

namespace {

/// Two tensors; the second has no gradient in step 2.
Scenario small_scenario() {
  Scenario out;
  out.name = "small";
  out.parameters = {{"0", {1, 2}, {1, 2}}, {"bias", {1}, {3}}};
  out.steps = {{0.5, {{{1, 2}}, {{4}}}}, {0.7, {{{1, 0}}, std::nullopt}}};
  return out;
}

optim::SgdOptions sgd(double lr) {
  optim::SgdOptions options;
  options.lr = lr;
  return options;
}

std::vector<Expectation> expecting(TensorValues after_two_steps) {
  std::vector<Expectation> out(2);
  out[1].params = std::move(after_two_steps);
  return out;
}

}  // namespace

TEST_CASE("a replay takes the recorded steps") {
  const Scenario scenario = small_scenario();
  // 1 - 0.5 - 0.5, 2 - 1, and 3 - 2: without a gradient the second tensor stays.
  const std::vector<Expectation> expected = expecting({{0, 1}, {1}});
  const Replay result = replay(scenario, sgd(0.5), expected);
  REQUIRE(result.steps.size() == 2);
  CHECK(result.passed());
  CHECK(result.steps[1].loss == 0.7);
  CHECK(result.steps[1].rule == "sgd");
  CHECK_FALSE(result.steps[0].emotion.has_value());
  CHECK_FALSE(result.steps[0].worst.has_value());
  REQUIRE(result.steps[1].worst.has_value());
  CHECK(result.steps[1].worst->size == 0);
  CHECK(result.tally(Quantity::params).compared == 3);
  CHECK(result.tally(Quantity::shadow).compared == 0);
  CHECK_FALSE(result.first_outside().has_value());
}

TEST_CASE("a deviation is relative to values above 1, and has its place") {
  const Scenario scenario = small_scenario();
  struct Row {
    TensorValues recorded;
    Index outside;
    double size;
    const char* text;
  };
  const Row rows[] = {
      {{{0, 1}, {1.00001F}}, 0, 1e-5, "step 2: params of tensor bias (1) at [0]: 1 instead of 1.00001, off by 1e-05, allowed 2e-05"},
      {{{0, 1.25F}, {1}}, 1, 0.2, "step 2: params of tensor 0 (1,2) at [0,1]: 1 instead of 1.25, off by 0.2, allowed 2e-05"},
      {{{0.5F, 1}, {-4}}, 2, 1.25, "step 2: params of tensor bias (1) at [0]: 1 instead of -4, off by 1.25, allowed 2e-05"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const std::vector<Expectation> expected = expecting(row.recorded);
    const Replay result = replay(scenario, sgd(0.5), expected);
    const Tally& tally = result.tally(Quantity::params);
    CHECK(result.passed() == (row.outside == 0));
    CHECK(tally.outside == row.outside);
    CHECK(tally.worst.size == doctest::Approx(row.size).epsilon(1e-2));
    CHECK(deviation_text(tally.worst, scenario) == row.text);
  }
}

TEST_CASE("what the optimizer does not have is a deviation, and so is a flag that differs") {
  const Scenario scenario = small_scenario();
  std::vector<Expectation> expected(2);
  expected[0].scalar = 0.25;
  expected[0].has_shadow = false;
  expected[1].shadow = TensorValues{{0, 0}, {0}};
  const Replay without = replay(scenario, sgd(0.5), expected);
  CHECK_FALSE(without.passed());
  CHECK(without.tally(Quantity::has_shadow).outside == 0);
  CHECK(without.tally(Quantity::shadow).outside == 3);
  CHECK(deviation_text(*without.first_outside(), scenario) == "step 1: scalar: none instead of 0.25");
  CHECK(std::isinf(without.steps[0].worst->strength()));

  expected.assign(2, {});
  expected[0].ema_short = 0.5;
  expected[0].scalar = 0;
  expected[1].should_stop = true;
  const Replay with = replay(scenario, optim::EmoNaviOptions(), expected);
  CHECK(with.tally(Quantity::ema_short).compared == 1);
  CHECK(with.tally(Quantity::scalar).outside == 0);
  CHECK(deviation_text(*with.first_outside(), scenario) == "step 2: should_stop: false instead of true");
}

TEST_CASE("evaluation weights are those of the optimizer, or the training weights") {
  const Scenario scenario = small_scenario();
  std::vector<Expectation> expected(2);
  expected[1].eval_params = TensorValues{{0, 1}, {1}};
  CHECK(replay(scenario, sgd(0.5), expected).passed());
  optim::SgdOptions averaged = sgd(0.5);
  averaged.parameter_ema.emplace();
  averaged.parameter_ema->decay = 0.5;
  // After step 1: 0.5, 1 and 1; then the mean of that and of step 2.
  expected[1].eval_params = TensorValues{{0.25, 1}, {1}};
  CHECK(replay(scenario, averaged, expected).passed());
}

TEST_CASE("names of parameters, and expectations, have to fit") {
  const Scenario scenario = small_scenario();
  optim::SgdOptions grouped = sgd(0.5);
  grouped.parameter_groups.values.resize(1);
  grouped.parameter_groups.values[0].match = {"bias"};
  grouped.parameter_groups.values[0].lr = 0;
  const std::vector<Expectation> frozen_bias = expecting({{0, 1}, {3}});
  CHECK(replay(scenario, grouped, frozen_bias).passed());
  grouped.parameter_groups.values[0].match = {"weight"};
  CHECK_THROWS_AS(replay(scenario, grouped), Error);
  CHECK_THROWS_AS(replay(scenario, sgd(0.5), std::vector<Expectation>(3)), Error);
  const std::vector<Expectation> too_short = expecting({{0}, {3}});
  CHECK_THROWS_AS(replay(scenario, sgd(0.5), too_short), Error);
}

TEST_CASE("coordinates are row-major") {
  CHECK(coordinates({2, 3, 2}, 0) == std::vector<Index>{0, 0, 0});
  CHECK(coordinates({2, 3, 2}, 11) == std::vector<Index>{1, 2, 1});
  CHECK(coordinates({2, 3, 2}, 7) == std::vector<Index>{1, 0, 1});
  CHECK(coordinates({}, 0).empty());
}
