#pragma once
#include <array>
#include <string>

#include "emotrain/optim/optimizer.hpp"

/// The Emo family: an emotion (emotion.hpp) that watches the loss, a shadow of the parameters that is blended in while the emotion is
/// strong, and an update rule. Source: https://github.com/muooon/EmoNavi (Apache-2.0), edition v1 of July 2025.
///
/// The shadow in v1: ratio r = 0.7 + 0.2 s if the scalar s > 0.6; 0.1 if s < -0.6; 0.3 if |s| > 0.3; else 0. When r > 0, before its update,
/// a parameter without a shadow gets one, a copy; else p <- p (1 - r) + r shadow, then shadow <- shadow + 0.05 (p - shadow).
///
/// In the rules below lr is StepContext::lr, d the drive (1 in v1), m, v, R, C moving averages that start at 0.
namespace emotrain::optim {

struct EmoOptions : OptimizerOptions {
  std::string edition = "v1";
  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.01;
  /// False: the ratio is 0 throughout.
  bool use_shadow = true;
  /// What enters the window behind should_stop: "per_step", one value a step; "per_tensor", one a step for each tensor that has a gradient,
  /// as the reference does in v1 to v3.0 but for Clan.
  std::string stop_history = "per_step";

  void fields(FieldVisitor& visitor) override;
};

/// Adam-like, without bias correction: m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2; p <- p - lr weight_decay p;
/// p <- p - lr d m / (sqrt(v) + eps).
struct EmoNaviOptions : EmoOptions {
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Optimizer> build(std::vector<Tensor> parameters) const override;
};

/// Adafactor-like. For 2 or more axes: R <- beta1 R + (1 - beta1) sqrt(mean of g^2 over all axes but the first + eps),
/// C <- beta1 C + (1 - beta1) sqrt(mean of g^2 over the first axis + eps), u = g / (sqrt(R C) + eps). Otherwise u = m / (sqrt(v) + eps)
/// with Navi's m and v. p <- p - lr weight_decay p; p <- p - lr d u.
struct EmoFactOptions : EmoOptions {
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Optimizer> build(std::vector<Tensor> parameters) const override;
};

/// Lion-like: p <- p (1 - lr w); p <- p - lr d sign((1 - beta1) g + beta1 m); m <- beta2 m + (1 - beta2) g. w is weight_decay, or
/// weight_decay / (the configured lr) under decoupled_weight_decay. eps has no effect.
struct EmoLynxOptions : EmoOptions {
  bool decoupled_weight_decay = false;

  EmoLynxOptions() { betas = {0.9, 0.99}; }
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Optimizer> build(std::vector<Tensor> parameters) const override;
};

/// Chooses a rule for each step by its scalar s, each with state of its own. v1: s > 0.3 Lynx (with lynx_betas), s < -0.3 Fact, else Navi.
struct EmoClanOptions : EmoOptions {
  std::array<double, 2> lynx_betas{0.9, 0.99};

  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Optimizer> build(std::vector<Tensor> parameters) const override;
};

}  // namespace emotrain::optim
