#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/core/options.hpp"

/// What any optimizer may carry besides its rule, its emotion and its shadow.
namespace emotrain::optim {

/// Parameters whose names fit get numbers of their own. The first group that fits a parameter counts.
struct ParameterGroupOptions : Options {
  /// Patterns as of the shell: `*.bias`, `0.*`.
  std::vector<std::string> match;
  /// Their learning rate where the optimizer's is `lr`: a scheduler changes both in proportion.
  std::optional<double> lr;
  std::optional<double> weight_decay;
  /// Of the optimizer muon: false leaves their matrices to AdamW too.
  bool use_muon = true;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
};

/// Slow weights that follow every k steps: slow <- slow + alpha (p - slow), p <- slow; they begin as a copy of the parameters.
/// Source: Zhang, Lucas, Hinton, Ba, "Lookahead Optimizer: k steps forward, 1 step back", 2019.
struct LookaheadOptions : Options {
  Index k = 5;
  double alpha = 0.5;

  void fields(FieldVisitor& visitor) override;
};

/// A moving average of the parameters, which evaluations and the saved weights use: average <- decay average + (1 - decay) p after each
/// step; after a parameter's first it is a copy. Source: torch.optim.swa_utils.AveragedModel with get_ema_avg_fn (PyTorch 2).
struct ParameterEmaOptions : Options {
  double decay = 0.999;

  void fields(FieldVisitor& visitor) override;
};

}  // namespace emotrain::optim
