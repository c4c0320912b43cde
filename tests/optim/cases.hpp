#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emotrain/core/random.hpp"
#include "json_options.hpp"

/// What the tests of all optimizers share: their configurations, and a short training run on made-up gradients.

/// One row for each code path of an update.
inline const std::string optimizer_configs[] = {
    R"({"name": "sgd", "lr": 0.01, "weight_decay": 0.1})",
    R"({"name": "sgd", "lr": 0.01, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1})",
    R"({"name": "sgd", "lr": 0.01, "momentum": 0.9, "nesterov": true})",
    R"({"name": "adamw", "lr": 0.01, "betas": [0.8, 0.95], "weight_decay": 0.1})",
    R"({"name": "emonavi", "lr": 0.01})",
    R"({"name": "emonavi", "lr": 0.01, "betas": [0.8, 0.95], "eps": 0.001, "weight_decay": 0.1, "use_shadow": false})",
    R"({"name": "emofact", "lr": 0.01, "weight_decay": 0.1, "eps": 0.001, "stop_history": "per_tensor"})",
    R"({"name": "emolynx", "lr": 0.01, "weight_decay": 0.1})",
    R"({"name": "emolynx", "lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": true})",
    R"({"name": "emoclan", "lr": 0.01, "betas": [0.85, 0.99], "lynx_betas": [0.8, 0.9], "weight_decay": 0.1})",
    R"({"name": "emonavi", "edition": "v2", "lr": 0.01, "weight_decay": 0.1})",
    R"({"name": "emonavi", "edition": "v3.0", "lr": 0.01, "use_shadow": true})",
    R"({"name": "emonavi", "edition": "v3.6", "lr": 0.01, "use_shadow": true})",
    R"({"name": "emofact", "edition": "v3.6", "lr": 0.01, "weight_decay": 0.1, "use_shadow": true})",
    R"({"name": "emolynx", "edition": "v3.6", "lr": 0.01, "weight_decay": 0.1})",
    R"({"name": "emoclan", "edition": "v3.0", "lr": 0.01, "weight_decay": 0.1, "use_shadow": true})",
    R"({"name": "emozeal", "lr": 0.01, "weight_decay": 0.1})",
    R"({"name": "emoneco", "lr": 0.01, "weight_decay": 0.1})",
    R"({"name": "navi", "lr": 0.01, "emotion": {"edition": "v2"}, "shadow": {"edition": "v2"}, "parameter_ema": {"decay": 0.5}})",
    R"({"name": "fact", "lr": 0.01})",
    R"({"name": "lynx", "lr": 0.01})",
    R"({"name": "adam", "lr": 0.01, "weight_decay": 0.1})",
    R"({"name": "adam", "lr": 0.01, "amsgrad": true})",
    R"({"name": "adamw", "lr": 0.01, "bias_correction": false})",
    R"({"name": "nadam", "lr": 0.01, "weight_decay": 0.1})",
    R"({"name": "radam", "lr": 0.01, "weight_decay": 0.1, "betas": [0.5, 0.6]})",
    R"({"name": "rmsprop", "lr": 0.01})",
    R"({"name": "rmsprop", "lr": 0.01, "momentum": 0.5})",
    R"({"name": "rmsprop", "lr": 0.01, "centered": true})",
    R"({"name": "rmsprop", "lr": 0.01, "centered": true, "momentum": 0.5, "weight_decay": 0.1})",
    R"({"name": "adagrad", "lr": 0.1, "initial_accumulator_value": 0.1, "lr_decay": 0.1})",
    R"({"name": "adadelta", "weight_decay": 0.1})",
    R"({"name": "lion", "lr": 0.01, "weight_decay": 0.1})",
    R"({"name": "tiger", "lr": 0.01, "weight_decouple": false})",
    R"({"name": "adafactor", "weight_decay": 0.1})",
    R"({"name": "schedulefree_adamw", "lr": 0.01, "warmup_steps": 4, "r": 0.5, "weight_decay": 0.1})",
    R"({"name": "prodigy", "d0": 0.01, "weight_decay": 0.1, "safeguard_warmup": true})",
    R"({"name": "muon", "weight_decay": 0.1, "parameter_groups": [{"match": ["1"], "use_muon": false}]})",
    R"({"name": "adamw", "lr": 0.01, "decay_biases_and_norms": false,
        "parameter_groups": [{"match": ["0", "2"], "lr": 0.1}, {"match": ["?"], "weight_decay": 0.5}]})",
    R"({"name": "adamw", "lr": 0.01, "amsgrad": true, "emotion": {}, "shadow": {}, "lookahead": {"k": 2}})",
    R"({"name": "sgd", "lr": 0.01, "emotion": {"edition": "v3.6"}, "parameter_ema": {"decay": 0.9}})",
};

/// Leads through every zone of the shadow and every rule of Clan.
inline const std::vector<double> scripted_losses = {1, 1, 1.2, 1.3, 3, 1, 0.2, 0.1, 0.1, 1.5};

struct Training {
  std::vector<emotrain::Tensor> parameters;
  std::unique_ptr<emotrain::optim::Optimizer> optimizer;
  double lr = 0;
  emotrain::Index steps = 0;

  Training(const std::string& config, const std::vector<emotrain::Shape>& shapes) {
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      parameters.push_back(emotrain::Tensor::empty(shapes[i]).set_requires_grad(true));
      emotrain::fill_normal({1, emotrain::Stream::test, substream(i)}, 0, parameters[i].data(), parameters[i].size(), 0, 1);
    }
    const auto options = options_from(nlohmann::json::parse(config));
    lr = options->lr;
    // The name of a parameter is its number.
    emotrain::optim::BuildContext context;
    for (std::size_t i = 0; i < shapes.size(); ++i) context.names.push_back(std::to_string(i));
    optimizer = options->build(parameters, context);
  }

  /// Standard normal gradients, for all parameters but `without`.
  void draw_gradients(std::ptrdiff_t without = -1) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      parameters[i].clear_grad();
      if (static_cast<std::ptrdiff_t>(i) == without) continue;
      emotrain::fill_normal({2, emotrain::Stream::test, substream(i)}, static_cast<std::uint64_t>(steps), parameters[i].grad_sink().data,
                            parameters[i].size(), 0, 1);
    }
  }

  emotrain::optim::StepReport step(double loss) {
    ++steps;
    // Another learning rate in each step, as under a scheduler.
    return optimizer->step({.step = steps, .loss = loss, .lr = lr / double(steps)});
  }

 private:
  static std::uint32_t substream(std::size_t parameter) { return static_cast<std::uint32_t>(parameter); }
};
