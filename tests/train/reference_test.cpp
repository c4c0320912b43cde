#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include "emotrain/train/safetensors.hpp"
#include "emotrain/train/trainer.hpp"
#include "optim/json_options.hpp"
#include "train/configs.hpp"

/// Whole training runs recorded with PyTorch (tests/data/reference/README.md), repeated from the same weights and batches.
using namespace emotrain;
using test::LayerTexts;

namespace {

/// Instrumented builds are slow; rounding is the same in them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t steps = 25;
#else
constexpr std::size_t steps = 150;
#endif
constexpr std::size_t close_steps = 50;
constexpr std::size_t norm_steps = 20;

struct Reference {
  const char* name;
  const char* loss;
  LayerTexts layers;
};

const Reference references[] = {
    {"mlp", "cross_entropy", {{"flatten"}, {"linear", {{"out_features", 64.0}}}, {"relu"}, {"linear", {{"out_features", 10.0}}}}},
    {"cnn",
     "cross_entropy",
     {{"conv2d", {{"out_channels", 8.0}, {"kernel_size", 3.0}, {"padding", 1.0}}},
      {"relu"},
      {"max_pool2d", {{"kernel_size", 2.0}}},
      {"conv2d", {{"out_channels", 16.0}, {"kernel_size", 3.0}, {"padding", 1.0}}},
      {"relu"},
      {"max_pool2d", {{"kernel_size", 2.0}}},
      {"flatten"},
      {"linear", {{"out_features", 10.0}}}}},
    {"conv_ae",
     "mse",
     {{"conv2d", {{"out_channels", 8.0}, {"kernel_size", 3.0}, {"stride", 2.0}, {"padding", 1.0}}},
      {"relu"},
      {"conv2d", {{"out_channels", 16.0}, {"kernel_size", 3.0}, {"stride", 2.0}, {"padding", 1.0}}},
      {"relu"},
      {"flatten"},
      {"linear", {{"out_features", 16.0}}},
      {"linear", {{"out_features", 784.0}}},
      {"relu"},
      {"unflatten", {{"unflattened_size", std::vector<Index>{16, 7, 7}}}},
      {"conv_transpose2d", {{"out_channels", 8.0}, {"kernel_size", 4.0}, {"stride", 2.0}, {"padding", 1.0}}},
      {"relu"},
      {"conv_transpose2d", {{"out_channels", 1.0}, {"kernel_size", 4.0}, {"stride", 2.0}, {"padding", 1.0}}}}},
};

const std::string folder = EMOTRAIN_TEST_DATA "/reference/";

train::RunConfig config_of(const Reference& reference, const nlohmann::json& optimizer) {
  train::RunConfig config;
  config.data = test::mnist(9600);
  config.model = {"sequential", test::sequential(reference.layers)};
  config.loss = test::choose(nn::losses(), reference.loss, {});
  config.optimizer = {optimizer["name"], options_from(optimizer)};
  config.trainer.max_steps = steps;
  return config;
}

/// The greatest relative deviations of a run from the recorded one.
struct Deviations {
  double early_loss = 0;
  double loss = 0;
  double early_norm = 0;
};

Deviations compare(train::Trainer& trainer, const nlohmann::json& run) {
  Deviations worst;
  for (std::size_t i = 0; i < steps; ++i) {
    const report::StepRecord record = trainer.step();
    const double loss = run["losses"][i];
    const double norm = run["grad_norms"][i];
    const double loss_off = std::abs(record.loss - loss) / loss;
    worst.loss = std::max(worst.loss, loss_off);
    if (i < close_steps) worst.early_loss = std::max(worst.early_loss, loss_off);
    if (i < norm_steps) worst.early_norm = std::max(worst.early_norm, std::abs(record.grad_norm - norm) / norm);
  }
  return worst;
}

}  // namespace

TEST_CASE("recorded runs of PyTorch are reproduced from the same weights and batches") {
  const data::Splits splits = train::load_data(config_of(references[0], {{"name", "sgd"}}));
  int compared = 0;
  for (const Reference& reference : references) {
    const auto recorded = nlohmann::json::parse(std::ifstream(folder + reference.name + ".json"));
    for (const auto& run : recorded["runs"]) {
      if (run["optimizer"].value("edition", "v1") != "v1") continue;
      const train::RunConfig config = config_of(reference, run["optimizer"]);
      train::Trainer trainer(config, splits);
      train::load_weights(trainer.model(), folder + recorded["init"].get<std::string>());
      const Deviations worst = compare(trainer, run);
      CAPTURE(reference.name);
      CAPTURE(run["optimizer"].dump());
      CHECK(worst.early_loss <= 2e-4);
      CHECK(worst.loss <= 2e-2);
      CHECK(worst.early_norm <= 1e-3);
      ++compared;
    }
  }
  CHECK(compared == 18);
}

TEST_CASE("recorded runs of EmoNavi v3.6 are followed for as long as rounding lets any engine follow them") {
  const data::Splits splits = train::load_data(config_of(references[0], {{"name", "sgd"}}));
  int compared = 0;
  for (const Reference& reference : references) {
    const auto recorded = nlohmann::json::parse(std::ifstream(folder + reference.name + ".json"));
    for (auto run : recorded["runs"]) {
      if (run["optimizer"].value("edition", "v1") != "v3.6") continue;
      const train::RunConfig config = config_of(reference, run["optimizer"]);
      train::Trainer trainer(config, splits);
      train::load_weights(trainer.model(), folder + recorded["init"].get<std::string>());
      CAPTURE(reference.name);
      for (std::size_t step = 0; step < 10; ++step) {
        CAPTURE(step);
        const report::StepRecord record = trainer.step();
        CHECK(record.loss == doctest::Approx(run["losses"][step].get<double>()).epsilon(2e-4));
      }
      ++compared;
    }
  }
  CHECK(compared == 3);
}
