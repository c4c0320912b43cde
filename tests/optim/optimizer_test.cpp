#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "cases.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/optim/emo.hpp"

using namespace emotrain;

namespace {

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.values().size_bytes()) == 0;
}

struct Run {
  Training training;
  std::vector<double> reported;
};

/// Large enough for several tiles, patches and threads.
Run run_with(int thread_count, const std::string& config) {
  set_threads(thread_count);
  Run run{Training(config, {{70000}, {300, 257}, {17}, {9, 5000}, {40, 3, 5, 5}}), {}};
  for (const double loss : scripted_losses) {
    run.training.draw_gradients();
    run.reported.push_back(run.training.step(loss).shadow_distance.value_or(-1));
  }
  set_threads(1);
  return run;
}

std::set<std::string> slot_names(const Training& training, std::size_t parameter) {
  std::set<std::string> names;
  for (const optim::StateSlot& slot : training.optimizer->state()) {
    if (slot.parameter == parameter) names.insert(slot.name);
  }
  return names;
}

}  // namespace

TEST_CASE("the number of threads does not change a bit") {
  for (const std::string& config : optimizer_configs) {
    CAPTURE(config);
    const Run one = run_with(1, config);
    for (const int thread_count : {2, 4}) {
      CAPTURE(thread_count);
      const Run many = run_with(thread_count, config);
      CHECK(one.reported == many.reported);
      for (std::size_t i = 0; i < one.training.parameters.size(); ++i) {
        CHECK(same_bits(one.training.parameters[i], many.training.parameters[i]));
      }
      const auto state = one.training.optimizer->state();
      const auto other = many.training.optimizer->state();
      REQUIRE(state.size() == other.size());
      for (std::size_t i = 0; i < state.size(); ++i) {
        CAPTURE(state[i].name);
        CHECK(same_bits(state[i].value, other[i].value));
      }
    }
  }
}

TEST_CASE("a parameter without a gradient is left out of everything") {
  for (const std::string& config : optimizer_configs) {
    CAPTURE(config);
    Training training(config, {{5}, {4, 3}, {7, 2}});
    const std::vector<Real> before(training.parameters[1].values().begin(), training.parameters[1].values().end());
    for (const double loss : scripted_losses) {
      training.draw_gradients(1);
      training.step(loss);
    }
    CHECK(std::ranges::equal(before, training.parameters[1].values()));
    CHECK(slot_names(training, 1).empty());
    CHECK(training.optimizer->state().size() == slot_names(training, 0).size() + slot_names(training, 2).size());
  }
}

TEST_CASE("a step without any gradient still takes the loss in") {
  Training training(R"({"name": "emonavi", "stop_history": "per_tensor"})", {{5}});
  for (int i = 0; i < 40; ++i) CHECK_FALSE(training.step(1).emotion->should_stop);
  CHECK(training.step(2).emotion->ema_short == doctest::Approx(1.3));
  CHECK(training.optimizer->state().empty());
}

TEST_CASE("a step's learning rate is the one that it is given") {
  Training training(R"({"name": "sgd", "lr": 5})", {{2}});
  const Real before = training.parameters[0].data()[0];
  training.draw_gradients();
  training.optimizer->step({.step = 1, .loss = 1, .lr = 0.25});
  CHECK(training.parameters[0].data()[0] == doctest::Approx(before - Real(0.25) * training.parameters[0].grad()[0]).epsilon(1e-6));
}

TEST_CASE("state slots are named") {
  struct Case {
    std::string config;
    std::set<std::string> vector, matrix;
  };
  const Case cases[] = {
      {R"({"name": "sgd"})", {}, {}},
      {R"({"name": "sgd", "momentum": 0.5})", {"momentum_buffer"}, {"momentum_buffer"}},
      {R"({"name": "adamw"})", {"exp_avg", "exp_avg_sq"}, {"exp_avg", "exp_avg_sq"}},
      {R"({"name": "emonavi"})", {"exp_avg", "exp_avg_sq", "shadow"}, {"exp_avg", "exp_avg_sq", "shadow"}},
      {R"({"name": "emofact"})", {"exp_avg", "exp_avg_sq", "shadow"}, {"exp_avg_r", "exp_avg_c", "shadow"}},
      {R"({"name": "emolynx", "use_shadow": false})", {"exp_avg"}, {"exp_avg"}},
      {R"({"name": "emoclan"})",
       {"navi/exp_avg", "navi/exp_avg_sq", "fact/exp_avg", "fact/exp_avg_sq", "lynx/exp_avg", "shadow"},
       {"navi/exp_avg", "navi/exp_avg_sq", "fact/exp_avg_r", "fact/exp_avg_c", "lynx/exp_avg", "shadow"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config);
    Training training(c.config, {{4}, {4, 3, 2}});
    for (const double loss : {1, 2}) {
      training.draw_gradients();
      training.step(loss);
    }
    CHECK(slot_names(training, 0) == c.vector);
    CHECK(slot_names(training, 1) == c.matrix);
    for (const optim::StateSlot& slot : training.optimizer->state()) {
      if (slot.name.ends_with("_r")) CHECK(slot.value.shape() == Shape{4, 1, 1});
      if (slot.name.ends_with("_c")) CHECK(slot.value.shape() == Shape{1, 3, 2});
    }
  }
}

TEST_CASE("options that contradict each other are refused") {
  struct Case {
    std::string config;
    const char* key;
  };
  const Case cases[] = {
      {R"({"name": "sgd", "nesterov": true})", "nesterov:"},
      {R"({"name": "sgd", "nesterov": true, "momentum": 0.9, "dampening": 0.1})", "nesterov:"},
      {R"({"name": "emolynx", "lr": 0, "decoupled_weight_decay": true})", "decoupled_weight_decay:"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config);
    CHECK_THROWS_WITH_AS(options_from(nlohmann::json::parse(c.config)), doctest::Contains(c.key), Error);
  }
  optim::EmoNaviOptions options;
  CHECK_THROWS_WITH_AS(options.use_edition("v0"), doctest::Contains("use one of: v1, v2, v3.0, v3.6"), Error);
}

TEST_CASE("only the Emo family has an emotion") {
  for (const OptionsEntry& entry : optim::optimizers().entries) {
    CAPTURE(entry.name);
    Training training(nlohmann::json{{"name", entry.name}}.dump(), {{2}});
    const bool emo = std::string_view(entry.name).starts_with("emo");
    training.draw_gradients();
    CHECK(training.step(1).emotion.has_value() == emo);
  }
}
