#pragma once
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "emotrain/train/events.hpp"
#include "train/configs.hpp"

namespace emotrain::test {

inline Choice event(const std::string& kind, const Settings& settings) { return choose(train::event_kinds(), kind, settings); }

inline Choice switch_to(Choice data, Index at, std::optional<Index> steps = std::nullopt) {
  Choice choice = event("switch_data", {{"at", static_cast<double>(at)}});
  auto& options = dynamic_cast<train::SwitchDataOptions&>(*choice.options);
  options.data = std::move(data);
  options.steps = steps;
  return choice;
}

/// One of each kind, `steps` long from step `at` on; the batches come from `data` then.
inline std::vector<Choice> all_events(Choice data, Index at, Index steps) {
  std::vector<Choice> events;
  for (const OptionsEntry& entry : train::event_kinds().entries) {
    const std::string kind = entry.name;
    const auto first = static_cast<double>(at);
    if (kind == "switch_data") {
      events.push_back(switch_to(std::move(data), at, steps));
    } else if (kind == "weight_noise") {
      for (Index step = 0; step < steps; ++step) events.push_back(event(kind, {{"at", first + static_cast<double>(step)}, {"std", 0.01}}));
    } else {
      events.push_back(event(kind, {{"at", first}, {"steps", static_cast<double>(steps)}}));
    }
  }
  return events;
}

constexpr Index quiet_steps = 7;

/// A classifier of digits whose learning rate is 0: what a step finds depends on its batch alone.
inline train::RunConfig quiet_run(const std::string& optimizer = "sgd", double lr = 0) {
  train::RunConfig config;
  config.data = digits();
  config.model = choose(nn::models(), "mlp", {{"hidden", std::vector<Index>{16}}});
  config.optimizer = choose(optim::optimizers(), optimizer, {{"lr", lr}});
  config.trainer.max_steps = quiet_steps;
  config.trainer.threads = 1;
  return config;
}

/// Other samples of the same kind.
inline Choice other_digits(Index batch_size = 64) {
  Choice data = digits();
  auto& options = dynamic_cast<data::DataOptions&>(*data.options);
  options.offset = 500;
  options.batch_size = batch_size;
  return data;
}

}  // namespace emotrain::test
