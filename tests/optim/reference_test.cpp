#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cases.hpp"
#include "twin.hpp"

using namespace emotrain;

/// The library against the straight-line version. In float64 1000 steps agree to 1e-12; float32 is compared over a few steps, which tell
/// whether both builds do the same.
namespace {

constexpr bool real_is_double = sizeof(Real) == sizeof(double);
constexpr double tolerance = real_is_double ? 1e-12 : 3e-6;

/// The last two are larger than a tile of 16384 elements.
const std::vector<Shape> awkward_shapes = {Shape{},         {1},    {3},     {17},     {1, 1},   {5, 3},  {3, 5, 2, 2},
                                           {2, 1, 3, 1, 2}, {0, 3}, {7, 11}, {1, 130}, {130, 1}, {16385}, {3, 5500}};
constexpr std::size_t sometimes = 5;
constexpr std::size_t first_large = 12;

/// More of them, for a few steps.
std::vector<Shape> with_larger_shapes() {
  std::vector<Shape> shapes = awkward_shapes;
  for (const Shape& shape : {Shape{257, 3, 3}, Shape{1, 9000}, Shape{5600, 3}, Shape{130, 150}}) shapes.push_back(shape);
  return shapes;
}

/// Everything but `sometimes`, which has none at first nor in every seventh step; the large ones take part in every 43rd.
bool has_gradient(std::size_t parameter, Index step) {
  if (parameter == sometimes) return step >= 5 && step % 7 != 0;
  return parameter < first_large || step % 43 == 7;
}

void check_close(const Twin& twin) {
  CAPTURE(twin.feelings.step);
  CAPTURE(twin.tensors.step);
  CAPTURE(twin.distances.step);
  CHECK(twin.feelings.worst <= 1e-12);
  CHECK(twin.tensors.worst <= tolerance);
  // In the first step with a shadow the distance is one update, which float32 parameters hold to 4 digits or so.
  CHECK(twin.distances.worst <= (real_is_double ? tolerance : 100 * tolerance));
}

void run_long(Twin& twin, const std::vector<double>& losses) {
  for (const double loss : losses) {
    twin.draw_gradients([&](std::size_t i) { return has_gradient(i, twin.steps); });
    twin.step(loss);
    if (twin.steps % 50 == 0 || twin.steps < 4) twin.compare();
  }
  twin.compare();
  check_close(twin);
}

/// Gradients of large tensors in every step, through every zone.
void run_short(Twin& twin) {
  for (const double loss : scripted_losses) {
    twin.draw_gradients([&](std::size_t i) { return i != sometimes || (twin.steps >= 5 && twin.steps != 7); });
    twin.step(loss);
    if (twin.steps != 1 && twin.steps % 3 == 1) twin.compare();
  }
  check_close(twin);
}

std::vector<std::string> family() {
  std::vector<std::string> out;
  for (const char* edition : {"v1", "v2", "v3.0", "v3.6"}) {
    for (const char* name : {"emonavi", "emofact", "emolynx", "emoclan", "emozeal", "emoneco"}) {
      const bool early = std::string(name) == "emozeal" || std::string(name) == "emoneco";
      if (early && std::string(edition) != "v1") continue;
      if (std::string(name) == "emoclan" && std::string(edition) == "v3.6") continue;
      for (const bool use_shadow : {true, false}) {
        out.push_back(nlohmann::json{{"name", name}, {"edition", edition}, {"use_shadow", use_shadow}}.dump());
      }
    }
  }
  return out;
}

/// Numbers other than the defaults, and what other optimizers can carry.
const std::string variants[] = {
    R"({"name": "emonavi", "lr": 0.01, "betas": [0.8, 0.95], "eps": 0.001, "weight_decay": 0.1, "stop_history": "per_tensor"})",
    R"({"name": "emonavi", "edition": "v3.6", "lr": 0.01, "stop_history": "per_tensor", "use_shadow": true})",
    R"({"name": "emonavi", "edition": "v3.0", "emotion": {"loss_scale": 3, "loss_offset": -0.5}})",
    R"({"name": "emonavi", "edition": "v2", "emotion": {"source": "off"}})",
    R"({"name": "emofact", "lr": 0.01, "betas": [0.85, 0.9], "eps": 0.001, "weight_decay": 0.1})",
    R"({"name": "emofact", "edition": "v3.6", "lr": 0.01, "betas": [0.8, 0.9], "weight_decay": 0.1, "emotion": {"loss_offset": -0.9}})",
    R"({"name": "emolynx", "lr": 0.01, "betas": [0.8, 0.9], "weight_decay": 0.001, "decoupled_weight_decay": true})",
    R"({"name": "emolynx", "edition": "v3.6", "lr": 0.01, "decoupled_weight_decay": true, "weight_decay": 0.002})",
    R"({"name": "emoclan", "lr": 0.01, "betas": [0.85, 0.99], "lynx_betas": [0.8, 0.9], "eps": 0.001, "weight_decay": 0.1})",
    R"({"name": "emoclan", "edition": "v3.0", "lr": 0.01, "lynx_betas": [0.8, 0.9], "stop_history": "per_tensor"})",
    R"({"name": "emozeal", "lr": 0.01, "betas": [0.8, 0.95], "eps": 0.001, "weight_decay": 0.1, "stop_history": "per_tensor"})",
    R"({"name": "emoneco", "lr": 0.01, "betas": [0.8, 0.95], "eps": 0.001, "weight_decay": 0.1})",
    R"({"name": "sgd", "lr": 0.01, "weight_decay": 0.1})",
    R"({"name": "sgd", "lr": 0.01, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1})",
    R"({"name": "sgd", "lr": 0.01, "momentum": 0.9, "nesterov": true})",
    R"({"name": "sgd", "lr": 0.01, "momentum": 0.9, "emotion": {"edition": "v3.6"}})",
    R"({"name": "adamw"})",
    R"({"name": "adamw", "lr": 0.01, "betas": [0.8, 0.95], "eps": 0.001, "weight_decay": 0.1})",
    R"({"name": "adamw", "lr": 0.01, "bias_correction": false})",
    R"({"name": "adamw", "lr": 0.01, "emotion": {}, "shadow": {}})",
};

/// How many of the intervals between `edges` (which belong to the one below) the scalars of the long script meet.
std::size_t zones(const std::string& config, const std::vector<double>& edges) {
  const straight::Config c(config);
  straight::Emotion emotion;
  std::set<std::ptrdiff_t> met;
  for (const double loss : long_script()) {
    met.insert(std::ranges::lower_bound(edges, emotion.feel(c, loss, 1).scalar) - edges.begin());
  }
  return met.size();
}

}  // namespace

TEST_CASE("the family agrees with a straight-line version" * doctest::skip(!real_is_double)) {
  const std::vector<double> losses = long_script();
  for (const std::string& config : family()) {
    CAPTURE(config);
    Twin twin(config, awkward_shapes);
    run_long(twin, losses);
    CHECK(twin.emotion.mood.should_stop);
    if (twin.config.name == "emoclan") CHECK(twin.rules == std::set<std::string>{"navi", "fact", "lynx"});
  }
}

TEST_CASE("other numbers agree with a straight-line version" * doctest::skip(!real_is_double)) {
  const std::vector<double> losses = long_script();
  for (const std::string& config : variants) {
    CAPTURE(config);
    Twin twin(config, awkward_shapes);
    run_long(twin, losses);
  }
}

TEST_CASE("a few steps of large tensors agree with a straight-line version") {
  std::vector<std::string> configs = family();
  configs.insert(configs.end(), std::begin(variants), std::end(variants));
  for (const char* name : {"emonavi", "emofact", "emolynx", "emoclan"}) {
    // Whether there is a shadow is the edition's to say.
    for (const char* edition : {"v1", "v2", "v3.0"}) configs.push_back(nlohmann::json{{"name", name}, {"edition", edition}}.dump());
    if (std::string(name) != "emoclan") configs.push_back(nlohmann::json{{"name", name}, {"edition", "v3.6"}}.dump());
  }
  for (const std::string& config : configs) {
    CAPTURE(config);
    Twin twin(config, with_larger_shapes());
    run_short(twin);
  }
}

TEST_CASE("parameter groups have their own learning rate and decay") {
  for (const std::string name : {"emonavi", "emofact", "emolynx", "emoclan", "emozeal", "emoneco", "sgd", "adamw"}) {
    nlohmann::json config = {{"name", name}, {"lr", 0.01}, {"weight_decay", 0.02}};
    config["parameter_groups"] =
        nlohmann::json::parse(R"([{"match": ["1", "6"], "lr": 0.03}, {"match": ["1", "9"], "weight_decay": 0.2}])");
    // Divides by the optimizer's learning rate, whatever the group's.
    if (name == "emolynx") config["decoupled_weight_decay"] = true;
    CAPTURE(name);
    Twin twin(config.dump(), awkward_shapes);
    twin.plain[1].lr_scale = twin.plain[6].lr_scale = 3;
    twin.plain[9].weight_decay = 0.2;
    run_short(twin);
  }
}

TEST_CASE("biases and the weights of norms may go without decay") {
  for (const char* name : {"emonavi", "emofact", "emolynx", "emoclan", "emozeal", "emoneco", "sgd", "adamw"}) {
    CAPTURE(name);
    Twin twin(nlohmann::json{{"name", name}, {"lr", 0.01}, {"weight_decay", 0.2}, {"decay_biases_and_norms", false}}.dump(),
              awkward_shapes);
    for (straight::Parameter& w : twin.plain) {
      if (!w.matrix) w.weight_decay = 0;
    }
    run_short(twin);
  }
}

TEST_CASE("the long script leads through every zone") {
  CHECK(zones(R"({"name": "emonavi"})", {-0.6, -0.3, 0.3, 0.6}) == 5);
  CHECK(zones(R"({"name": "emozeal"})", {-0.3, 0.3, 0.5}) == 4);
  CHECK(zones(R"({"name": "emonavi", "edition": "v2"})", {-0.6, -0.3, -0.1, 0.1, 0.3, 0.6}) == 7);
  CHECK(zones(R"({"name": "emonavi", "edition": "v3.6"})", {-0.75, -0.625, -0.5, -0.25, 0.25, 0.5, 0.625, 0.75}) == 9);
}

TEST_CASE("the scripted losses lead through every zone and every rule") {
  Training training(R"({"name": "emoclan"})", {{2, 2}});
  std::set<std::string> rules;
  std::set<double> ratios;
  for (const double loss : scripted_losses) {
    training.draw_gradients();
    const optim::StepReport report = training.step(loss);
    rules.emplace(report.rule);
    ratios.insert(std::round(report.emotion->ratio * 10) / 10);
  }
  CHECK(rules == std::set<std::string>{"navi", "fact", "lynx"});
  CHECK(ratios == std::set<double>{0, 0.1, 0.3, 0.9});
}
