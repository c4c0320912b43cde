#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "emotrain/core/function_ref.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/report/records.hpp"
#include "emotrain/train/gradient_norm.hpp"
#include "emotrain/train/noise.hpp"

namespace emotrain::train {

/// What happens between one or more batches and the record of their step. Once all batch sizes have been seen it takes nothing from the
/// heap.
class TrainingStep {
 public:
  struct Options {
    std::uint64_t seed = 0;
    std::optional<double> max_grad_norm = std::nullopt;
    std::optional<double> max_grad_value = std::nullopt;
    /// trainer.on_nonfinite.
    enum class OnNonfinite { stop, skip, warn } on_nonfinite = OnNonfinite::stop;
  };

  struct Work {
    /// Counted from 1.
    Index step = 1;
    /// The number of the optimizer's update, which is the step's unless some were skipped.
    Index update = 1;
    double learning_rate = 0;
    /// Counted from 0 through all epochs. Dropout masks and latent noise are functions of a batch's number.
    Index first_batch = 0;
    /// Gradient accumulation: how many batches, one after the other.
    Index batches = 1;
    /// What events do to the step (train/events.hpp, Disturbance).
    std::span<const Noise> weight_noise = {};
    std::span<const Noise> gradient_noise = {};
    double loss_offset = 0;
  };

  /// All three outlive it; the optimizer was built of the model's parameters.
  TrainingStep(nn::Model& model, const nn::LossOptions& loss, optim::Optimizer& optimizer, const Options& options);

  /// Gradients are cleared; for each batch, which `load` brings by its number: forward, loss, backward of loss / batches, as Hugging Face's
  /// Trainer; then norm, clipping by norm (as torch.nn.utils.clip_grad_norm_), then by value (clip_grad_value_: so both limits hold),
  /// update. The step's loss, for optimizer and record, is the mean of the batches' losses, plus the offset. Noise is drawn by (seed,
  /// event, step): on the weights first of all, on the gradient before its norm is taken. The record lacks the epoch. A loss or a gradient
  /// that is not finite is described with the step and the op or parameter where it appeared: by an Error{numeric} before the update
  /// (`stop`), or by the record's `fault`; with `skip` there is then no update, and the record's rule is empty.
  report::StepRecord run(const Work& work, FunctionRef<nn::Batch(Index number)> load);

 private:
  /// Adds up losses and gradients of the batches; the mean loss.
  double differentiate(const Work& work, FunctionRef<nn::Batch(Index number)> load, std::string& fault);
  void disturb_weights(const Work& work);
  void disturb_gradient(const Work& work);
  void clip(double norm);
  std::string loss_fault(double loss, const Work& work) const;
  std::string gradient_fault(const Work& work) const;

  nn::Model& model_;
  const nn::LossOptions& loss_;
  optim::Optimizer& optimizer_;
  Options options_;
  std::vector<nn::NamedTensor> named_;
  std::vector<Tensor> parameters_;
  GradientNorm norm_;
  /// The weights as they were before their noise, which a step that fails takes back.
  std::vector<Tensor> undisturbed_;
};

std::vector<nn::NamedTensor> named_parameters(const nn::Model& model);
/// The model's parameters, to build an optimizer of.
std::vector<Tensor> parameters_of(const nn::Model& model);

/// The first of these tensors with a value that is not finite, in its values or (`gradients`) in its gradient; null if there is none.
const nn::NamedTensor* find_not_finite(std::span<const nn::NamedTensor> tensors, bool gradients);

}  // namespace emotrain::train
