#include <doctest/doctest.h>

#include "cases.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/optim/emo.hpp"

using namespace emotrain;
using nlohmann::json;

namespace {

/// Steps of size lr against gradients of 1 from 0, on parameters of these names and shapes, as {first value of each}.
std::vector<double> after_one_step(const std::string& config, const std::vector<std::pair<std::string, Shape>>& parameters, double start) {
  std::vector<Tensor> tensors;
  optim::BuildContext context;
  for (const auto& [name, shape] : parameters) {
    tensors.push_back(Tensor::full(shape, Real(start)).set_requires_grad(true));
    std::fill_n(tensors.back().grad_sink().data, tensors.back().size(), Real(1));
    context.names.push_back(name);
  }
  const auto options = options_from(json::parse(config));
  const auto optimizer = options->build(tensors, context);
  optimizer->step({.step = 1, .loss = 1, .lr = options->lr});
  std::vector<double> values;
  for (const Tensor& tensor : tensors) values.push_back(double(tensor.data()[0]));
  return values;
}

const std::vector<std::pair<std::string, Shape>> layers = {{"0.weight", {2, 2}}, {"0.bias", {2}}, {"1.weight", {2}}, {"2.weight", {2, 2}}};

}  // namespace

TEST_CASE("parameter groups change what they name, the first that fits counts") {
  struct Row {
    const char* config;
    double start;
    std::vector<double> values;
  };
  const Row rows[] = {
      {R"({"name": "sgd", "lr": 0.5})", 0, {-0.5, -0.5, -0.5, -0.5}},
      {R"({"name": "sgd", "lr": 0.5, "parameter_groups": [{"match": ["*.bias"], "lr": 0.25}]})", 0, {-0.5, -0.25, -0.5, -0.5}},
      {R"({"name": "sgd", "lr": 0.5, "parameter_groups": [{"match": ["0.*"], "lr": 0.25}, {"match": ["*.weight"], "lr": 1}]})",
       0,
       {-0.25, -0.25, -1, -1}},
      {R"({"name": "sgd", "lr": 0.5, "parameter_groups": [{"match": ["2.weight", "?.bias"], "lr": 0}]})", 0, {-0.5, 0, -0.5, 0}},
      // p - lr (1 + weight_decay p)
      {R"({"name": "sgd", "lr": 0.5, "weight_decay": 0.5})", 2, {1, 1, 1, 1}},
      {R"({"name": "sgd", "lr": 0.5, "weight_decay": 0.5, "decay_biases_and_norms": false})", 2, {1, 1.5, 1.5, 1}},
      {R"({"name": "sgd", "lr": 0.5, "weight_decay": 0.5, "decay_biases_and_norms": false,
           "parameter_groups": [{"match": ["1.*"], "weight_decay": 0.5}, {"match": ["2.*"], "weight_decay": 0}]})",
       2,
       {1, 1.5, 1, 1.5}},
      // Lynx's decay is relative to the configured rate of the optimizer, whatever the group's: 2 (1 - lr 0.1 / 0.5) - lr.
      {R"({"name": "emolynx", "lr": 0.5, "weight_decay": 0.1, "decoupled_weight_decay": true,
           "parameter_groups": [{"match": ["0.*"], "lr": 0.25}]})",
       2,
       {1.65, 1.65, 1.3, 1.3}},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.config));
    const std::vector<double> values = after_one_step(row.config, layers, row.start);
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == doctest::Approx(row.values[i]).epsilon(1e-6));
  }
}

TEST_CASE("parameter groups that cannot be are refused") {
  struct Row {
    const char* config;
    const char* error;
  };
  const Row rows[] = {
      {R"({"name": "sgd", "parameter_groups": [{"match": ["*.gain"], "lr": 0.1}]})", "parameter_groups/0/match: *.gain fits no parameter"},
      {R"({"name": "sgd", "parameter_groups": [{"match": ["*"], "lr": 1}, {"match": ["0.*"], "lr": 2}]})", "parameter_groups/1/match:"},
      {R"({"name": "sgd", "parameter_groups": [{"match": ["*"]}]})", "the group changes nothing"},
      {R"({"name": "sgd", "parameter_groups": [{"lr": 1}]})", "match: is missing"},
      {R"({"name": "sgd", "lr": 0, "parameter_groups": [{"match": ["*"], "lr": 1}]})", "lr: is 0"},
      {R"({"name": "sgd", "parameter_groups": [{"match": ["*"], "use_muon": false}]})", "use_muon is for the optimizer muon"},
      {R"({"name": "adamw", "shadow": {}})", "shadow: it is the emotion that blends it"},
      {R"({"name": "emonavi", "emotion": null})", "emotion: is null, but it is the emotion that blends the shadow"},
      {R"({"name": "emonavi", "edition": "v3.6", "emotion": {"gain": 2}})", "gain: has no effect here; remove it, or set scalar to"},
      {R"({"name": "adamw", "emotion": {"boost": 2}})", "boost: has no effect here; remove it, or set drive to \"trust\""},
      {R"({"name": "emonavi", "edition": "v3.6", "lr": 0, "parameter_groups": [{"match": ["*"], "lr": 1}]})", "lr: is 0"},
      {R"({"name": "schedulefree_adamw", "lookahead": {}})", "lookahead: the rule schedulefree_adamw keeps an average"},
      {R"({"name": "schedulefree_adamw", "parameter_ema": {}})", "parameter_ema: the rule schedulefree_adamw keeps an average"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.config));
    CHECK_THROWS_WITH_AS(after_one_step(row.config, layers, 0), doctest::Contains(row.error), Error);
  }
}

TEST_CASE("evaluations get the averaged weights, and training its own back") {
  for (const char* config :
       {R"({"name": "sgd", "lr": 1, "parameter_ema": {"decay": 0.5}})", R"({"name": "schedulefree_adamw", "lr": 1})"}) {
    CAPTURE(std::string(config));
    Training training(config, {{3}, {2, 2}});
    for (int i = 0; i < 3; ++i) {
      training.draw_gradients();
      training.step(1);
    }
    const std::vector<Real> before(training.parameters[0].values().begin(), training.parameters[0].values().end());
    CHECK(training.optimizer->has_evaluation_weights());
    {
      const optim::EvaluationWeights guard(*training.optimizer);
      CHECK_FALSE(std::ranges::equal(before, training.parameters[0].values()));
    }
    CHECK(std::ranges::equal(before, training.parameters[0].values()));
  }
  CHECK_FALSE(Training(R"({"name": "adamw"})", {{2}}).optimizer->has_evaluation_weights());
}

TEST_CASE("use_shadow and the group shadow say the same, and the edition gives the group its numbers") {
  struct Row {
    const char* config;
    /// Absent: no shadow.
    std::optional<double> strong;
    double mild;
  };
  const Row rows[] = {
      {R"({"name": "emonavi"})", 0.6, 0.3},
      {R"({"name": "emonavi", "use_shadow": false})", {}, 0},
      {R"({"name": "emonavi", "shadow": null})", {}, 0},
      {R"({"name": "emonavi", "use_shadow": false, "shadow": {"strong": 0.5}})", {}, 0},
      {R"({"name": "emonavi", "use_shadow": true, "shadow": null})", 0.6, 0.3},
      {R"({"name": "emonavi", "edition": "v2"})", 0.6, 0.1},
      {R"({"name": "emonavi", "edition": "v3.6"})", {}, 0},
      {R"({"name": "emonavi", "edition": "v3.6", "use_shadow": true})", 0.625, 1},
      {R"({"name": "emonavi", "edition": "v3.6", "shadow": {"strong": 0.3}})", 0.3, 1},
      {R"({"name": "emoclan", "edition": "v2"})", {}, 0},
      {R"({"name": "emoclan", "edition": "v2", "shadow": {}})", 0.6, 0.1},
      {R"({"name": "emonavi", "use_shadow": false, "emotion": null})", {}, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.config));
    const auto options = options_from(json::parse(row.config));
    const auto& emo = dynamic_cast<const optim::EmoOptions&>(*options);
    CHECK(emo.use_shadow == row.strong.has_value());
    REQUIRE(static_cast<bool>(emo.shadow) == row.strong.has_value());
    if (!row.strong) continue;
    CHECK(emo.shadow->strong == *row.strong);
    CHECK(emo.shadow->mild == row.mild);
  }
}
