#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "emotrain/core/options.hpp"
#include "emotrain/nn/module.hpp"

namespace emotrain::nn {

/// What a model is for decides the targets, the metrics and the pictures.
enum class Task { classification, reconstruction, minimization };

/// One batch: values (n, sample...) and, for classification, n labels. A function looks at none of it.
struct Batch {
  Tensor x;
  std::span<const std::int32_t> labels;
};

/// Logits, a reconstruction (logits of it, if the loss takes logits; a VAE adds the latent distribution) or the value of a function.
struct ModelOutput {
  Tensor output;
  Tensor mean;
  Tensor log_variance;
  /// A function gives its value, the output, also before it is rounded to Real.
  std::optional<double> value = std::nullopt;
};

class Model : public Module {
 public:
  virtual Task task() const = 0;
  virtual ModelOutput run(const Tensor& x, const Context& context) = 0;
  Tensor forward(const Tensor& x, const Context& context) final { return run(x, context).output; }
  /// A VAE's decoder: latents (n, latent) -> output; undefined Tensor for models without one. latent_size() is 0 then.
  virtual Tensor decode(const Tensor& latents, const Context& context);
  virtual Index latent_size() const { return 0; }
};

/// Options of a named model.
struct ModelOptions : Options {
  /// Builds and initialises it: weights are a pure function of (seed, place of the parameter). `classes` is 0 without labels, the sample's
  /// rank is 0 without data. Throws Error{usage} when the options do not fit the sample's shape or the limits of nn/init.hpp; as in
  /// Options::check, the text starts with the key, relative to these options: "layers/2: linear: ...".
  virtual std::unique_ptr<Model> build(const Shape& sample_shape, Index classes, std::uint64_t seed) const = 0;
};

/// Options of a named loss.
struct LossOptions : Options {
  /// A tensor of one element: of a function the output, whose exact `value` is the loss. Reconstruction losses compare with batch.x.
  virtual Tensor compute(const ModelOutput& output, const Batch& batch) const = 0;
  /// Throws Error{usage} if this loss cannot train such a model (cross-entropy on an autoencoder; an ELBO without a latent distribution).
  virtual void check_model(const Model& model) const = 0;
  /// Whether a reconstruction is sigmoid(output), rather than output, under this loss (for pictures and metrics).
  virtual bool output_is_logits() const { return false; }
};

/// All models, by the name that a configuration gives: mlp, cnn, mlp_autoencoder, conv_autoencoder, conv_vae, sequential,
/// function. Their option structs are in nn/models.hpp, those of the losses in nn/losses.hpp.
const OptionsTable& models();
/// cross_entropy, mse, l1, huber, bce_with_logits, gaussian_nll, elbo, value.
const OptionsTable& losses();

}  // namespace emotrain::nn
