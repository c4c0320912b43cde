#include "emotrain/train/forecast.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "emotrain/train/run.hpp"
#include "emotrain/train/trainer.hpp"
#include "support/temporary_directory.hpp"
#include "train/configs.hpp"
#include "train/trainers.hpp"

namespace emotrain::test {
namespace {

using train::Forecast;

/// Digits of 8 x 8 in batches of 32 through 64-16-10.
train::RunConfig digits_run(const std::string& optimizer) {
  train::RunConfig config = small_run(optimizer);
  config.data = digits();
  config.model = choose(nn::models(), "mlp", {{"hidden", std::vector<Index>{16}}});
  return config;
}

constexpr Index digits_parameters = 65 * 16 + 17 * 10;

Forecast brief_forecast(const train::RunConfig& config) { return train::forecast({.config = config, .seconds = 0.01}); }

TEST_CASE("a forecast has the numbers of the run that it is for") {
  train::RunConfig config = digits_run("adamw");
  config.trainer.max_steps.reset();
  config.trainer.num_train_epochs = 3;
  const Forecast forecast = brief_forecast(config);
  train::Trainer trainer(config, train::load_data(config));
  CHECK(forecast.data == "digits8x8");
  CHECK(forecast.classes == 10);
  CHECK(forecast.steps == trainer.steps());
  CHECK(forecast.steps_per_epoch == trainer.steps_per_epoch());
  CHECK(forecast.train_samples == static_cast<Index>(trainer.splits().train.size()));
  CHECK(forecast.validation_samples == static_cast<Index>(trainer.splits().validation.size()));
  CHECK(forecast.test_samples == static_cast<Index>(trainer.splits().test.size()));
  CHECK(forecast.structure.layers.size() == 4);
  REQUIRE(forecast.time);
  CHECK(forecast.time->step > 0);
  CHECK(forecast.time->steps == doctest::Approx(forecast.time->step * static_cast<double>(forecast.steps)));
  CHECK(forecast.time->evaluations > 0);
}

struct StateRow {
  const char* optimizer;
  Index bytes_per_parameter;
};

TEST_CASE("the state of the optimizer is counted, and the shadow before there is one") {
  constexpr StateRow table[] = {{"sgd", 0}, {"lion", 4}, {"adamw", 8}, {"emonavi", 12}};
  for (const StateRow& row : table) {
    CAPTURE(row.optimizer);
    // Three steps: EmoNavi has no shadow yet.
    const train::RunConfig config = digits_run(row.optimizer);
    const Forecast forecast = train::forecast({.config = config, .seconds = 0});
    CHECK(forecast.memory.weights == digits_parameters * 4);
    CHECK(forecast.memory.gradients == digits_parameters * 4);
    CHECK(forecast.memory.optimizer_state == digits_parameters * row.bytes_per_parameter);
    CHECK(forecast.memory.peak() > forecast.memory.data + forecast.memory.weights + forecast.memory.gradients);
  }
}

TEST_CASE("what cannot fit into memory is not rehearsed, and its least size is told") {
  const train::RunConfig config = digits_run("adamw");
  const Forecast forecast = train::forecast({.config = config, .available_memory = 1 << 16});
  CHECK_FALSE(forecast.time);
  CHECK(forecast.memory.optimizer_state == 0);
  CHECK(forecast.memory.rest > 0);
  const auto& data = dynamic_cast<const data::DataOptions&>(*config.data.options);
  CHECK(forecast.memory.activations == data.batch_size * (64 + 16 + 10) * 4);
}

TEST_CASE("a forecast refuses what the run would refuse, and writes nothing") {
  const TemporaryDirectory folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  train::RunConfig config = digits_run("emonavi");
  brief_forecast(config);
  CHECK(kind_of([&] { train::forecast({.config = config, .init_from = "absent.safetensors"}); }) == ErrorKind::missing);
  config.loss = choose(nn::losses(), "mse", {});
  CHECK(text_of([&] { brief_forecast(config); }).starts_with("/loss/name: "));
  CHECK(std::filesystem::is_empty(folder.path()));
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace emotrain::test
