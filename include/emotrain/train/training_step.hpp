#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/report/records.hpp"
#include "emotrain/train/gradient_norm.hpp"

namespace emotrain::train {

/// What happens between a batch and its record. Once all batch sizes have been seen it takes nothing from the heap.
class TrainingStep {
 public:
  struct Options {
    std::uint64_t seed = 0;
    double learning_rate = 1e-3;
    std::optional<double> max_grad_norm = std::nullopt;
  };

  /// All three outlive it; the optimizer was built of the model's parameters.
  TrainingStep(nn::Model& model, const nn::LossOptions& loss, optim::Optimizer& optimizer, const Options& options);

  /// Step number `step`, counted from 1: gradients are cleared, then forward, loss, backward, norm, clipping (as
  /// torch.nn.utils.clip_grad_norm_), update. The record lacks the epoch. Throws Error{numeric} before the update if the loss or a gradient
  /// is not finite, naming the step and the parameter.
  report::StepRecord run(const nn::Batch& batch, Index step);

  /// Its first part: clears, runs forward and backward, and returns the loss.
  double differentiate(const nn::Batch& batch, Index step);

 private:
  [[noreturn]] void fail_loss(double loss, Index step) const;
  [[noreturn]] void fail_gradient(Index step) const;

  nn::Model& model_;
  const nn::LossOptions& loss_;
  optim::Optimizer& optimizer_;
  Options options_;
  std::vector<nn::NamedTensor> named_;
  std::vector<Tensor> parameters_;
  GradientNorm norm_;
};

/// The model's parameters, to build an optimizer of.
std::vector<Tensor> parameters_of(const nn::Model& model);

/// The first of these tensors with a value that is not finite, in its values or (`gradients`) in its gradient; null if there is none.
const nn::NamedTensor* find_not_finite(std::span<const nn::NamedTensor> tensors, bool gradients);

}  // namespace emotrain::train
