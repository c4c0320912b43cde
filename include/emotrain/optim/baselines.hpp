#pragma once
#include <array>

#include "emotrain/optim/optimizer.hpp"

/// The optimizers to compare with, as torch.optim defines them (PyTorch 1.13). t is StepContext::step, lr is StepContext::lr.
namespace emotrain::optim {

/// g <- g + weight_decay p; with momentum: b <- momentum b + (1 - dampening) g (b <- g at the parameter's first update) and
/// g <- g + momentum b under nesterov, else b; p <- p - lr g.
struct SgdOptions : OptimizerOptions {
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Optimizer> build(std::vector<Tensor> parameters) const override;
};

/// p <- p (1 - lr weight_decay); m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
/// p <- p - lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps).
/// Deviation: t counts the steps of the run, not those in which this parameter had a gradient.
struct AdamWOptions : OptimizerOptions {
  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.01;

  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Optimizer> build(std::vector<Tensor> parameters) const override;
};

}  // namespace emotrain::optim
