#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "cases.hpp"
#include "emotrain/core/error.hpp"

using namespace emotrain;

/// What an optimizer takes over from one of other options.
namespace {

const std::vector<Shape> shapes = {{5}, {4, 3}, {3, 2, 2, 2}};

Training trained(const std::string& config, Index steps) {
  Training training(config, shapes);
  for (Index step = 0; step < steps; ++step) {
    training.draw_gradients();
    training.step(scripted_losses[static_cast<std::size_t>(step)]);
  }
  return training;
}

/// One that goes on where `original` is, with other options.
Training adopted(const std::string& config, const Training& original, bool same_rules, optim::Adoption& adoption) {
  Training copy(config, shapes);
  for (std::size_t i = 0; i < shapes.size(); ++i) std::ranges::copy(original.parameters[i].values(), copy.parameters[i].data());
  adoption = copy.optimizer->adopt(original.optimizer->state(), original.optimizer->numbers(), same_rules);
  copy.steps = same_rules ? original.steps : 0;
  return copy;
}

std::vector<double> numbers_of(const Training& training, const std::string& name) {
  for (const optim::StateNumbers& numbers : training.optimizer->numbers()) {
    if (numbers.name == name) return numbers.values;
  }
  return {};
}

std::vector<Real> slots_of(const Training& training, const std::string& name) {
  std::vector<Real> out;
  for (const optim::StateSlot& slot : training.optimizer->state()) {
    if (slot.name == name) out.insert(out.end(), slot.value.values().begin(), slot.value.values().end());
  }
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("with the same options everything goes on, to the bit") {
  for (const std::string& config : optimizer_configs) {
    CAPTURE(config);
    Training original = trained(config, 6);
    optim::Adoption adoption;
    Training copy = adopted(config, original, true, adoption);
    CHECK(adoption.left.empty());
    CHECK(adoption.begun.empty());
    for (std::size_t t = 6; t < scripted_losses.size(); ++t) {
      for (Training* each : {&original, &copy}) {
        each->draw_gradients();
        each->step(scripted_losses[t]);
      }
    }
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const auto values = original.parameters[i].values();
      CHECK(std::memcmp(values.data(), copy.parameters[i].data(), values.size_bytes()) == 0);
    }
  }
}

TEST_CASE("what has no place is left, and what is new begins") {
  struct Row {
    const char* from;
    const char* to;
    bool same_rules;
    Names left, begun;
  };
  const Row rows[] = {
      {R"({"name": "emonavi"})", R"({"name": "emonavi", "use_shadow": false})", true, {"shadow"}, {}},
      {R"({"name": "emonavi"})", R"({"name": "emonavi", "edition": "v3.6"})", true, {"shadow"}, {}},
      {R"({"name": "emonavi"})", R"({"name": "emonavi", "emotion": {"stop_window": 8}})", true, {}, {"emotion/window"}},
      {R"({"name": "emonavi"})", R"({"name": "emonavi", "emotion": null, "use_shadow": false})", true, {"shadow", "emotion"}, {}},
      {R"({"name": "emonavi"})", R"({"name": "adamw"})", false, {"exp_avg", "exp_avg_sq", "shadow", "emotion"}, {}},
      {R"({"name": "emonavi"})", R"({"name": "emolynx"})", false, {"exp_avg", "exp_avg_sq"}, {}},
      {R"({"name": "adamw"})", R"({"name": "adamw", "emotion": {}, "shadow": {}, "lookahead": {}})", true, {}, {"slow", "emotion"}},
      {R"({"name": "adamw"})", R"({"name": "adamw", "amsgrad": true})", true, {}, {"max_exp_avg_sq"}},
      {R"({"name": "adamw", "amsgrad": true})", R"({"name": "adamw"})", true, {"max_exp_avg_sq"}, {}},
      {R"({"name": "adamw", "parameter_ema": {}})", R"({"name": "sgd", "parameter_ema": {}})", false, {"exp_avg", "exp_avg_sq"}, {}},
      {R"({"name": "prodigy"})", R"({"name": "adamw"})", false, {"s", "p0", "exp_avg", "exp_avg_sq", "prodigy/d"}, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.from);
    CAPTURE(row.to);
    optim::Adoption adoption;
    Training copy = adopted(row.to, trained(row.from, 6), row.same_rules, adoption);
    CHECK(adoption.left == row.left);
    CHECK(adoption.begun == row.begun);
    copy.draw_gradients();
    copy.step(1);
    for (const Tensor& parameter : copy.parameters) CHECK(std::ranges::all_of(parameter.values(), [](Real x) { return std::isfinite(x); }));
  }
}

TEST_CASE("emotion and shadow go on under another rule, whose own state begins anew") {
  const Training original = trained(R"({"name": "emonavi"})", 6);
  optim::Adoption adoption;
  Training copy = adopted(R"({"name": "emolynx"})", original, false, adoption);
  for (const char* name : {"emotion/ema_short", "emotion/ema_medium", "emotion/ema_long", "emotion/window", "emotion/values"}) {
    CAPTURE(name);
    CHECK(numbers_of(copy, name) == numbers_of(original, name));
  }
  CHECK(slots_of(copy, "shadow") == slots_of(original, "shadow"));
  CHECK(std::ranges::all_of(slots_of(copy, "exp_avg"), [](Real x) { return x == 0; }));
}

TEST_CASE("the first step of another rule is that of a first step") {
  // Adam's first update is lr for every element, whatever came before: its averages are as if its gradient were the first.
  optim::Adoption adoption;
  Training copy = adopted(R"({"name": "adam", "lr": 0.01})", trained(R"({"name": "sgd", "momentum": 0.9})", 6), false, adoption);
  const std::vector<Real> before(copy.parameters[0].values().begin(), copy.parameters[0].values().end());
  copy.draw_gradients();
  copy.step(1);
  for (std::size_t i = 0; i < before.size(); ++i)
    CHECK(std::abs(copy.parameters[0].values()[i] - before[i]) == doctest::Approx(0.01).epsilon(1e-3));
}

TEST_CASE("a parameter that is not there is refused") {
  const Training original = trained(R"({"name": "adamw"})", 2);
  Training fewer(R"({"name": "adamw"})", {{5}});
  CHECK_THROWS_AS(fewer.optimizer->adopt(original.optimizer->state(), {}, true), Error);
}
