#include <fmt/format.h>

#include <cmath>

#include "commands.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/data/options.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/train/forecast.hpp"
#include "resume.hpp"
#include "show_config.hpp"
#include "text_table.hpp"

namespace {

using emotrain::Error;
using emotrain::ErrorKind;
using emotrain::Index;
using emotrain::nn::Layer;
using emotrain::train::Forecast;
using emotrain::train::MemoryForecast;

/// 1,234,567
std::string grouped(Index number) {
  std::string digits = fmt::to_string(number);
  for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > 0; place -= 3) {
    digits.insert(static_cast<std::size_t>(place), ",");
  }
  return digits;
}

std::string mebibytes(Index bytes) {
  const double value = static_cast<double>(bytes) / (1 << 20);
  return value < 10 ? fmt::format("{:.2f}", value) : grouped(std::llround(value));
}

std::string seconds_text(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.3g} µs", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.3g} ms", seconds * 1e3);
  return seconds < 60 ? fmt::format("{:.3g} s", seconds) : emotrain::report::duration(std::round(seconds));
}

std::string layers_text(const Forecast& forecast) {
  TextTable table({{"layer"}, {"type"}, {"output"}, {"parameters", true}, {"FLOPs a sample", true}});
  for (const Layer& layer : forecast.structure.layers) {
    table.add({layer.name, layer.type, layer.output.str(), grouped(layer.parameters), grouped(layer.flops)});
  }
  table.add({"total", "", "", grouped(forecast.structure.total(&Layer::parameters)), grouped(forecast.structure.total(&Layer::flops))});
  return table.str();
}

std::string data_text(const Forecast& forecast) {
  std::string text = fmt::format("{}, samples of shape {}", forecast.data, forecast.structure.input.sample);
  if (forecast.classes > 0) text += fmt::format(" in {} classes", forecast.classes);
  return text + fmt::format(": {} to train with, {} to validate, {} to test", grouped(forecast.train_samples),
                            grouped(forecast.validation_samples), grouped(forecast.test_samples));
}

std::string steps_text(const Forecast& forecast, const emotrain::train::RunConfig& config) {
  const auto epochs = static_cast<double>(forecast.steps) / static_cast<double>(forecast.steps_per_epoch);
  std::string text =
      fmt::format("{}: {:.4g} epochs of {}, each step a batch of {}", grouped(forecast.steps), epochs, grouped(forecast.steps_per_epoch),
                  dynamic_cast<const emotrain::data::DataOptions&>(*config.data.options).batch_size);
  const Index accumulated = config.trainer.gradient_accumulation_steps;
  return accumulated == 1 ? text : text + fmt::format(" x {}", accumulated);
}

std::string optimizer_text(const Forecast& forecast, const std::string& name) {
  if (!forecast.time) return name;
  const auto parameters = static_cast<double>(forecast.structure.total(&Layer::parameters));
  return fmt::format("{}, {:.3g} bytes of state for each parameter", name,
                     static_cast<double>(forecast.memory.optimizer_state) / parameters);
}

std::string memory_text(const Forecast& forecast) {
  const MemoryForecast& memory = forecast.memory;
  return fmt::format("{}{} MiB: data {}, weights {}, gradients {}, {}layers and workspaces {}, the program {}",
                     forecast.time ? "" : "at least ", mebibytes(memory.peak()), mebibytes(memory.data), mebibytes(memory.weights),
                     mebibytes(memory.gradients),
                     forecast.time ? fmt::format("state of the optimizer {}, ", mebibytes(memory.optimizer_state)) : std::string(),
                     mebibytes(memory.activations), mebibytes(memory.rest));
}

std::string time_text(const Forecast& forecast) {
  if (!forecast.time) return "unknown: this does not fit into the memory of this machine";
  return fmt::format("{}: steps {} ({} each), evaluations {}", seconds_text(forecast.time->steps + forecast.time->evaluations),
                     seconds_text(forecast.time->steps), seconds_text(forecast.time->step), seconds_text(forecast.time->evaluations));
}

}  // namespace

int dry_run(const TrainCommand& command) {
  emotrain::config::LoadedConfig loaded = emotrain::config::load_run_config(config_file(command), command.overrides, environment());
  try {
    const Forecast forecast =
        emotrain::train::forecast({.config = loaded.config, .init_from = initial_weights(command), .init_partial = command.init_partial});
    print(layers_text(forecast) + "\n");
    TextTable facts({{""}, {""}});
    facts.add({"data", data_text(forecast)});
    facts.add({"steps", steps_text(forecast, loaded.config)});
    facts.add({"optimizer", optimizer_text(forecast, loaded.config.optimizer.name)});
    facts.add({"memory", memory_text(forecast)});
    facts.add({"time", time_text(forecast)});
    print(facts.str(output_width()));
    flush_output({});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    throw Error(ErrorKind::usage, emotrain::config::with_place(loaded, error.what()));
  }
  return 0;
}
