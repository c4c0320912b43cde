#pragma once
#include <string>

#include "emotrain/nn/model.hpp"

/// The named losses: rows of `losses()`. Formulas are in ops/losses.hpp, names and defaults PyTorch's. `reduction` is always explicit,
/// because the size of the loss decides how strongly an emotion reacts to it: "mean" or "sum" over all elements (cross_entropy: over the
/// samples). PyTorch's "none" keeps one loss per element; training needs one number, so it is refused.
namespace emotrain::nn {

struct ReducedLossOptions : LossOptions {
  std::string reduction = "mean";
  void fields(FieldVisitor& visitor) override;
  void check() const override;
};

/// Trains classifiers.
struct CrossEntropyOptions final : ReducedLossOptions {
  double label_smoothing = 0;
  void fields(FieldVisitor& visitor) override;
  Tensor compute(const ModelOutput& output, const Batch& batch) const override;
  void check_model(const Model& model) const override;
};

/// Compares a reconstruction with the sample. Trains autoencoders without a latent distribution.
struct PixelLossOptions : ReducedLossOptions {
  void check_model(const Model& model) const final;
};

struct MseOptions final : PixelLossOptions {
  Tensor compute(const ModelOutput& output, const Batch& batch) const override;
};

struct L1Options final : PixelLossOptions {
  Tensor compute(const ModelOutput& output, const Batch& batch) const override;
};

struct HuberOptions final : PixelLossOptions {
  double delta = 1;
  void fields(FieldVisitor& visitor) override;
  Tensor compute(const ModelOutput& output, const Batch& batch) const override;
};

/// Samples must lie in [0, 1].
struct BceWithLogitsOptions final : PixelLossOptions {
  Tensor compute(const ModelOutput& output, const Batch& batch) const override;
  bool output_is_logits() const override { return true; }
};

/// torch.nn.GaussianNLLLoss, the variance given instead of predicted: (log v + (t - x)^2 / v) / 2.
struct GaussianNllOptions final : PixelLossOptions {
  double variance = 1;
  void fields(FieldVisitor& visitor) override;
  Tensor compute(const ModelOutput& output, const Batch& batch) const override;
};

/// Negative ELBO of a VAE (ops::negative_elbo): summed over pixels and latents, averaged over the batch, which is the only reduction.
struct ElboOptions final : LossOptions {
  /// Weight of the KL term (Higgins et al., "beta-VAE", ICLR 2017); 1: the ELBO.
  double beta = 1;
  std::string likelihood = "bernoulli";
  std::string reduction = "batchmean";
  void fields(FieldVisitor& visitor) override;
  Tensor compute(const ModelOutput& output, const Batch& batch) const override;
  void check_model(const Model& model) const override;
  bool output_is_logits() const override { return likelihood == "bernoulli"; }
};

/// Of functions: what the model gives.
struct ValueOptions final : LossOptions {
  void fields(FieldVisitor& /*visitor*/) override {}
  Tensor compute(const ModelOutput& output, const Batch& /*batch*/) const override { return output.output; }
  void check_model(const Model& model) const override;
};

}  // namespace emotrain::nn
