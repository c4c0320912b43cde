#include "emotrain/nn/losses.hpp"

#include <array>

#include "emotrain/core/error.hpp"
#include "emotrain/ops/losses.hpp"

namespace emotrain::nn {
namespace {

constexpr std::array reductions{"mean", "sum", "none"};
constexpr std::array elbo_reductions{"batchmean"};
constexpr std::array likelihoods{"bernoulli", "gaussian"};

/// PyTorch's default; a variance that is given rather than predicted stays away from it.
constexpr double variance_eps = 1e-6;

ops::Reduction reduction_of(const std::string& name) {
  if (name == "mean") return ops::Reduction::mean;
  if (name == "sum") return ops::Reduction::sum;
  fail(ErrorKind::usage, "reduction: \"{}\" does not give the one number that training needs: use \"mean\" or \"sum\"", name);
}

/// For messages about a loss that does not fit.
const char* kind_of(const Model& model) {
  switch (model.task()) {
    case Task::classification:
      return "a classifier";
    case Task::reconstruction:
      return "an autoencoder";
    case Task::minimization:
      return "a function";
  }
  return "";
}

const char* fitting_losses(const Model& model) {
  if (model.task() == Task::classification) return "cross_entropy";
  if (model.task() == Task::minimization) return "value";
  return model.latent_size() > 0 ? "elbo" : "mse, l1, huber, gaussian_nll or bce_with_logits";
}

}  // namespace

void ReducedLossOptions::fields(FieldVisitor& visitor) {
  visitor.field({"reduction", "over all elements: mean or sum (none is refused: training needs one number)", {}, reductions}, reduction);
}

void ReducedLossOptions::check() const { reduction_of(reduction); }

void CrossEntropyOptions::fields(FieldVisitor& visitor) {
  visitor.field({"label_smoothing", "probability that is spread over all classes", {.min = 0, .max = 1}}, label_smoothing);
  ReducedLossOptions::fields(visitor);
}

Tensor CrossEntropyOptions::compute(const ModelOutput& output, const Batch& batch) const {
  return ops::cross_entropy(output.output, batch.labels, label_smoothing, reduction_of(reduction));
}

void CrossEntropyOptions::check_model(const Model& model) const {
  if (model.task() == Task::classification) return;
  fail(ErrorKind::usage, "name: cross_entropy needs a classifier, and the model is {}: use {}", kind_of(model), fitting_losses(model));
}

void PixelLossOptions::check_model(const Model& model) const {
  if (model.task() != Task::reconstruction) {
    fail(ErrorKind::usage, "name: a loss on reconstructions needs an autoencoder, and the model is {}: use {}", kind_of(model),
         fitting_losses(model));
  }
  if (model.latent_size() > 0) {
    fail(ErrorKind::usage,
         "name: a loss on reconstructions alone would leave the model's latent distribution untrained: use elbo (with beta 0 for no KL "
         "term)");
  }
}

Tensor MseOptions::compute(const ModelOutput& output, const Batch& batch) const {
  return ops::mse_loss(output.output, batch.x, reduction_of(reduction));
}

Tensor L1Options::compute(const ModelOutput& output, const Batch& batch) const {
  return ops::l1_loss(output.output, batch.x, reduction_of(reduction));
}

void HuberOptions::fields(FieldVisitor& visitor) {
  visitor.field({"delta", "distance from which on the loss is linear", {.above = 0}}, delta);
  ReducedLossOptions::fields(visitor);
}

Tensor HuberOptions::compute(const ModelOutput& output, const Batch& batch) const {
  return ops::huber_loss(output.output, batch.x, delta, reduction_of(reduction));
}

Tensor BceWithLogitsOptions::compute(const ModelOutput& output, const Batch& batch) const {
  return ops::bce_with_logits(output.output, batch.x, reduction_of(reduction));
}

void GaussianNllOptions::fields(FieldVisitor& visitor) {
  visitor.field({"variance", "variance of every pixel", {.min = variance_eps}}, variance);
  ReducedLossOptions::fields(visitor);
}

Tensor GaussianNllOptions::compute(const ModelOutput& output, const Batch& batch) const {
  const Tensor variances = Tensor::full(output.output.shape(), static_cast<Real>(variance));
  return ops::gaussian_nll(output.output, batch.x, variances, variance_eps, reduction_of(reduction));
}

void ElboOptions::fields(FieldVisitor& visitor) {
  visitor.field({"beta", "weight of the KL term; 1: the ELBO", {.min = 0}}, beta);
  visitor.field({"likelihood", "how the decoder's result is read: logits of pixels, or means of variance 1/2", {}, likelihoods},
                likelihood);
  visitor.field({"reduction", "sum over pixels and latents, mean over the batch: nats per image", {}, elbo_reductions}, reduction);
}

Tensor ElboOptions::compute(const ModelOutput& output, const Batch& batch) const {
  const auto kind = likelihood == "bernoulli" ? ops::Likelihood::bernoulli : ops::Likelihood::gaussian;
  return ops::negative_elbo(output.output, batch.x, output.mean, output.log_variance, beta, kind);
}

void ElboOptions::check_model(const Model& model) const {
  if (model.latent_size() > 0) return;
  fail(ErrorKind::usage, "name: elbo needs a model with a latent distribution: use conv_vae, or {} for this model", fitting_losses(model));
}

void ValueOptions::check_model(const Model& model) const {
  if (model.task() == Task::minimization) return;
  fail(ErrorKind::usage, "name: value is the loss of functions, and the model is {}: use {}", kind_of(model), fitting_losses(model));
}

const OptionsTable& losses() {
  static constexpr std::array entries{
      OptionsEntry{"cross_entropy", "softmax cross-entropy on logits", "torch.nn.CrossEntropyLoss", make_options<CrossEntropyOptions>},
      OptionsEntry{"mse", "squared error", "torch.nn.MSELoss", make_options<MseOptions>},
      OptionsEntry{"l1", "absolute error", "torch.nn.L1Loss", make_options<L1Options>},
      OptionsEntry{"huber", "squared, then absolute error", "torch.nn.HuberLoss", make_options<HuberOptions>},
      OptionsEntry{"bce_with_logits", "binary cross-entropy of pixels on logits", "torch.nn.BCEWithLogitsLoss",
                   make_options<BceWithLogitsOptions>},
      OptionsEntry{"gaussian_nll", "likelihood of pixels of a given variance", "torch.nn.GaussianNLLLoss",
                   make_options<GaussianNllOptions>},
      OptionsEntry{"elbo", "negative evidence lower bound of a VAE", "Kingma and Welling, \"Auto-encoding variational Bayes\", 2013",
                   make_options<ElboOptions>},
      OptionsEntry{"value", "what a function gives", "the model", make_options<ValueOptions>},
  };
  static constexpr OptionsTable table{.kind = "loss", .tag = "name", .entries = entries};
  return table;
}

}  // namespace emotrain::nn
