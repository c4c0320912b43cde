#include "train/run_details.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "emotrain/core/threads.hpp"
#include "emotrain/data/options.hpp"
#include "emotrain/train/events.hpp"

namespace emotrain::train {
namespace {

std::string data_line(const data::Splits& splits) {
  const data::Dataset& set = *splits.training_set;
  std::string line = fmt::format("data: {}: {} training, {} validation, {} test samples of {}", set.name, splits.train.size(),
                                 splits.validation.size(), splits.test.size(), fmt::join(set.sample_shape, "x"));
  if (set.classes() > 0) line += fmt::format(", {} classes", set.classes());
  return line;
}

std::string model_line(const RunConfig& config, const nn::Model& model) {
  Index parameters = 0;
  for (const nn::NamedTensor& parameter : named_parameters(model)) parameters += parameter.value.size();
  return fmt::format("model: {}: {} parameters; loss {}", config.model.name, parameters, config.loss.name);
}

std::string optimizer_line(const RunConfig& config) {
  const auto& options = dynamic_cast<const optim::OptimizerOptions&>(*config.optimizer.options);
  return fmt::format("optimizer: {}, lr {}; scheduler {}{}{}", config.optimizer.name, options.lr, config.scheduler.name,
                     options.emotion ? fmt::format("; emotion {}", options.emotion->edition) : "", options.shadow ? "; with a shadow" : "");
}

std::string steps_line(const RunConfig& config, const Trainer& trainer) {
  return fmt::format("steps: {}, {} an epoch, batches of {}; seed {}; {} threads", trainer.steps(), trainer.steps_per_epoch(),
                     dynamic_cast<const data::DataOptions&>(*config.data.options).batch_size, config.seed, threads());
}

std::string events_line(const RunConfig& config) {
  std::string line;
  for (const Choice& event : config.events) line += (line.empty() ? "events: " : "; ") + event_text(event);
  return line;
}

}  // namespace

std::vector<std::string> run_details(const RunConfig& config, Trainer& trainer) {
  std::vector<std::string> lines{data_line(trainer.splits()), model_line(config, trainer.model()), optimizer_line(config),
                                 steps_line(config, trainer)};
  if (!config.events.empty()) lines.push_back(events_line(config));
  return lines;
}

}  // namespace emotrain::train
