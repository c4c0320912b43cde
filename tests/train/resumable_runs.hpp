#pragma once
#include <string>
#include <utility>
#include <vector>

#include "emotrain/optim/schedule.hpp"
#include "train/configs.hpp"

/// Short runs with whatever a checkpoint must know: several batches a step, dropout, buffers, latent noise.
namespace emotrain::test {

constexpr Index steps = 12;

/// Two moons by a classifier with dropout: epochs of 4 batches, so of 2 steps when 3 batches make a step.
inline train::RunConfig classifier() {
  train::RunConfig config;
  config.data = choose(data::datasets(), "two_moons", {{"validation_fraction", 0.2}, {"samples", 150.0}, {"batch_size", 26.0}});
  config.model = choose(nn::models(), "mlp", {{"hidden", std::vector<Index>{8}}, {"dropout", 0.3}, {"norm", std::string("batch_norm")}});
  config.trainer.gradient_accumulation_steps = 3;
  return config;
}

inline train::RunConfig vae() {
  train::RunConfig config;
  config.data = digits();
  auto& data = dynamic_cast<data::DataOptions&>(*config.data.options);
  data.limit = 200;
  config.model = small_vae();
  config.loss = choose(nn::losses(), "elbo", {});
  return config;
}

/// A function, whose noise is drawn by the step.
inline train::RunConfig saddle() {
  train::RunConfig config;
  config.data = choose(data::datasets(), "none", {});
  config.model = choose(nn::models(), "function", {{"function", std::string("saddle")}});
  config.loss = choose(nn::losses(), "value", {});
  return config;
}

inline train::RunConfig complete(train::RunConfig config, Choice optimizer, Choice scheduler) {
  config.optimizer = std::move(optimizer);
  config.scheduler = std::move(scheduler);
  config.trainer.max_steps = steps;
  config.trainer.save_steps = 5;
  config.trainer.eval_steps = 3;
  config.trainer.logging_steps = 4;
  config.trainer.threads = 1;
  return config;
}

inline Choice optimizer(const std::string& name) { return choose(optim::optimizers(), name, {}); }

/// Those that need more than their defaults to build.
inline Choice scheduler(const std::string& name) {
  if (name == "reduce_on_plateau") return choose(optim::schedulers(), name, {{"patience", 0.0}, {"threshold", 0.5}});
  if (name == "multistep") return choose(optim::schedulers(), name, {{"milestones", std::vector<Index>{3, 8}}});
  if (name == "exponential") return choose(optim::schedulers(), name, {{"gamma", 0.9}});
  if (name == "warmup_stable_decay") return choose(optim::schedulers(), name, {{"num_decay_steps", 5.0}});
  if (name == "step") return choose(optim::schedulers(), name, {{"step_size", 3.0}});
  return choose(optim::schedulers(), name, {});
}

}  // namespace emotrain::test
