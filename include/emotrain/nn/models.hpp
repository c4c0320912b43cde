#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/nn/init.hpp"
#include "emotrain/nn/model.hpp"

/// The named models: rows of `models()`. All take batches (n, sample...). With `act` for the activation:
///
///     mlp                flatten, { linear, [norm], act, [dropout] } for each of `hidden`, linear to the classes
///     cnn                { conv2d (same size), [batch_norm], act, max_pool2d(2) } for each of `channels`, flatten, [dropout], linear to
///     the classes mlp_autoencoder    enc: flatten, { linear, act } for each of `hidden`, linear to the latents
///                        dec: { linear, act } for each of `hidden` backwards, linear, unflatten
///     conv_autoencoder   enc: { conv2d(kernel 3, stride 2, padding 1), act } for each of `channels`, flatten, linear to the latents
///                        dec: linear, act, unflatten, { conv_transpose2d(kernel 4, stride 2, padding 1), act } for `channels` backwards,
///                        the last without act, to the sample's channels
///     conv_vae           the same with enc's result twice as wide: means, then log variances of q(z|x)
///     sequential         the layers of a list
///     function           no layers and no data: the value of a function (nn/function.hpp) at the parameter `x`
///
/// Parameters are named as torch.nn.Sequential names them, every layer counting: `1.weight` in mlp, `enc.0.weight` and `dec.0.weight` in
/// autoencoders.
namespace emotrain::nn {

/// What all models have in common: how their weights begin, and the check of their size before memory is taken.
struct NetworkOptions : ModelOptions {
  std::string init = "torch_default";

  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Model> build(const Shape& sample_shape, Index classes, std::uint64_t seed) const final;

 protected:
  virtual std::unique_ptr<Model> construct(const Shape& sample, Index classes, Initializer& init) const = 0;
};

struct MlpOptions : NetworkOptions {
  std::vector<Index> hidden{256, 128};
  std::string activation = "relu";
  double dropout = 0;
  std::string norm = "none";

  void fields(FieldVisitor& visitor) override;
  void check() const override;

 protected:
  std::unique_ptr<Model> construct(const Shape& sample, Index classes, Initializer& init) const override;
};

struct CnnOptions : NetworkOptions {
  std::vector<Index> channels{16, 32};
  Index kernel_size = 3;
  std::string activation = "relu";
  double dropout = 0;
  std::string norm = "none";

  void fields(FieldVisitor& visitor) override;
  void check() const override;

 protected:
  std::unique_ptr<Model> construct(const Shape& sample, Index classes, Initializer& init) const override;
};

struct MlpAutoencoderOptions : NetworkOptions {
  std::vector<Index> hidden{256, 128};
  Index latent = 32;
  std::string activation = "relu";

  void fields(FieldVisitor& visitor) override;
  void check() const override;

 protected:
  std::unique_ptr<Model> construct(const Shape& sample, Index classes, Initializer& init) const override;
};

struct ConvAutoencoderOptions : NetworkOptions {
  std::vector<Index> channels{16, 32};
  Index latent = 32;
  std::string activation = "relu";

  void fields(FieldVisitor& visitor) override;
  void check() const override;

 protected:
  std::unique_ptr<Model> construct(const Shape& sample, Index classes, Initializer& init) const override;
  std::unique_ptr<Model> construct(const Shape& sample, Initializer& init, bool variational) const;
};

/// Its latent noise is a pure function of Context's seed and step, in training and in evaluation alike (an ELBO of one sample).
struct ConvVaeOptions : ConvAutoencoderOptions {
 protected:
  std::unique_ptr<Model> construct(const Shape& sample, Index classes, Initializer& init) const override;
};

struct SequentialOptions : NetworkOptions {
  /// LayerOptions of `layers()` (nn/layer_options.hpp).
  std::vector<Choice> layers;
  /// None: reconstruction if the result has the sample's shape, classification if it has one value per class.
  std::optional<std::string> task;

  void fields(FieldVisitor& visitor) override;
  void check() const override;

 protected:
  std::unique_ptr<Model> construct(const Shape& sample, Index classes, Initializer& init) const override;
};

/// In training, value and gradient have normal noise: a pure function of Context's seed and step.
struct FunctionOptions final : ModelOptions {
  std::string function = "rosenbrock_2d";
  /// Empty: drawn by the seed.
  std::vector<double> start;
  /// None: the function's own.
  std::optional<double> noise;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Model> build(const Shape& sample_shape, Index classes, std::uint64_t seed) const override;
  std::vector<Real> first_point(std::uint64_t seed) const;
};

}  // namespace emotrain::nn
