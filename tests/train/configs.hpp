#pragma once
#include <string>

#include "emotrain/data/options.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/train/run_config.hpp"
#include "nn/layer_list.hpp"

/// Configurations of small runs.
namespace emotrain::test {

/// The first `limit` training images of MNIST in file order, without validation, and the published test set.
inline Choice mnist(Index limit, Index batch_size = 64) {
  Choice choice =
      choose(data::datasets(), "mnist", {{"limit", double(limit)}, {"batch_size", double(batch_size)}, {"validation_fraction", 0.0}});
  auto& options = dynamic_cast<data::DataOptions&>(*choice.options);
  options.root = EMOTRAIN_SOURCE "/data";
  options.shuffle = false;
  return choice;
}

/// Two moons: points in the plane, two classes.
inline Choice moons(double validation_fraction = 0.2) {
  return choose(data::datasets(), "two_moons", {{"validation_fraction", validation_fraction}});
}

/// 8 x 8 grey images with a published test part.
inline Choice digits() {
  Choice choice = choose(data::datasets(), "digits8x8", {{"validation_fraction", 0.1}});
  dynamic_cast<data::DataOptions&>(*choice.options).root = EMOTRAIN_SOURCE "/data";
  return choice;
}

inline Choice small_vae() { return choose(nn::models(), "conv_vae", {{"channels", std::vector<Index>{4, 8}}, {"latent", 4.0}}); }

/// A classifier of points with one hidden layer, 12 steps.
inline train::RunConfig small_run(const std::string& optimizer = "emonavi") {
  train::RunConfig config;
  config.data = moons();
  config.model = choose(nn::models(), "mlp", {{"hidden", std::vector<Index>{8}}});
  config.optimizer = choose(optim::optimizers(), optimizer, {});
  config.trainer.max_steps = 12;
  config.trainer.threads = 1;
  return config;
}

}  // namespace emotrain::test
