#pragma once
#include <array>
#include <string_view>

#include "emotrain/nn/init.hpp"
#include "emotrain/nn/module.hpp"
#include "emotrain/ops/conv.hpp"
#include "emotrain/ops/pool.hpp"

/// The layers. Formulas are those of the op that each one calls (ops/*.hpp), parameters' names and layouts those of the class of the same
/// name in torch.nn (PyTorch 1.13). Constructors take initial values from an Initializer in the order of the parameters.
namespace emotrain::nn {

struct Layer;

/// What Linear, Conv2d and ConvTranspose2d share: `weight`, optional `bias`, and a relu that may be fused behind.
class WeightLayer : public Module {
 public:
  void parameters(const std::string& prefix, std::vector<NamedTensor>& out) const override;
  bool fuse_relu() override;

 protected:
  WeightLayer(const Shape& weight, Index outputs, bool bias, Initializer& init);
  /// x, weight, bias if there is one.
  std::vector<std::string> operands(const Value& x, Layer& layer) const;

  Tensor weight_;
  Tensor bias_;
  ops::Activation activation_ = ops::Activation::none;
};

/// (n, in) -> (n, out); weight [out, in].
class Linear final : public WeightLayer {
 public:
  Linear(Index in, Index out, bool bias, Initializer& init) : WeightLayer({out, in}, out, bias, init) {}
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;
};

/// (n, in, h, w) -> (n, out, h', w'); weight [out, in, kernel, kernel].
class Conv2d final : public WeightLayer {
 public:
  Conv2d(Index in, Index out, Index kernel, const ops::ConvOptions& options, bool bias, Initializer& init)
      : WeightLayer({out, in, kernel, kernel}, out, bias, init), options_(options) {}
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;
  bool fuse_max_pool() override;

 private:
  ops::ConvOptions options_;
};

/// (n, in, h, w) -> (n, out, h', w'); weight [in, out, kernel, kernel].
class ConvTranspose2d final : public WeightLayer {
 public:
  ConvTranspose2d(Index in, Index out, Index kernel, const ops::ConvOptions& options, bool bias, Initializer& init)
      : WeightLayer({in, out, kernel, kernel}, out, bias, init), options_(options) {}
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;

 private:
  ops::ConvOptions options_;
};

/// A layer without parameters.
class PlainLayer : public Module {
 public:
  void parameters(const std::string& prefix, std::vector<NamedTensor>& out) const final;
};

/// An activation function, value by value.
class Nonlinearity final : public PlainLayer {
 public:
  enum class Kind { relu, leaky_relu, gelu, silu, tanh, sigmoid, softplus };
  /// In the order of Kind.
  static constexpr std::array names{"relu", "leaky_relu", "gelu", "silu", "tanh", "sigmoid", "softplus"};
  /// Throws Error{usage} if there is no such function.
  static Kind named(std::string_view name);

  /// The slope is leaky_relu's.
  explicit Nonlinearity(Kind kind, double negative_slope = 0.01) : kind_(kind), negative_slope_(static_cast<Real>(negative_slope)) {}
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
  Real negative_slope_;
};

class MaxPool2d final : public PlainLayer {
 public:
  explicit MaxPool2d(const ops::PoolOptions& options) : options_(options) {}
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;
  const ops::PoolOptions& options() const { return options_; }

 private:
  ops::PoolOptions options_;
};

class AvgPool2d final : public PlainLayer {
 public:
  explicit AvgPool2d(const ops::PoolOptions& options) : options_(options) {}
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;

 private:
  ops::PoolOptions options_;
};

/// What the normalisations share: `weight`, initially 1, and `bias`, initially 0.
class NormLayer : public Module {
 public:
  void parameters(const std::string& prefix, std::vector<NamedTensor>& out) const override;

 protected:
  NormLayer(Index size, double eps, Initializer& init);

  Tensor weight_;
  Tensor bias_;
  double eps_;
};

/// torch.nn.BatchNorm1d and BatchNorm2d: (n, c) or (n, c, h, w), statistics per channel. Buffers running_mean and running_var; PyTorch's
/// third one, num_batches_tracked, matters to its momentum=None alone and is not kept.
class BatchNorm final : public NormLayer {
 public:
  BatchNorm(Index channels, double momentum, double eps, Initializer& init);
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;
  void buffers(const std::string& prefix, std::vector<NamedTensor>& out) const override;

 private:
  double momentum_;
  Tensor running_mean_;
  Tensor running_var_;
};

/// `groups` must divide `channels`.
class GroupNorm final : public NormLayer {
 public:
  GroupNorm(Index groups, Index channels, double eps, Initializer& init) : NormLayer(channels, eps, init), groups_(groups) {}
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;

 private:
  Index groups_;
};

/// Over the last axis, of extent `size`.
class LayerNorm final : public NormLayer {
 public:
  LayerNorm(Index size, double eps, Initializer& init) : NormLayer(size, eps, init) {}
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;
};

/// The identity unless context.training. The mask is a pure function of (context.seed, number, context.step).
class Dropout final : public PlainLayer {
 public:
  Dropout(double probability, std::uint32_t number) : probability_(probability), number_(number) {}
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;

 private:
  double probability_;
  std::uint32_t number_;
};

/// Nearest neighbour, by a whole factor.
class Upsample final : public PlainLayer {
 public:
  explicit Upsample(Index factor) : factor_(factor) {}
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;

 private:
  Index factor_;
};

/// (n, ...) -> (n, rest).
class Flatten final : public PlainLayer {
 public:
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;
};

/// (n, size) -> (n, sample...).
class Unflatten final : public PlainLayer {
 public:
  explicit Unflatten(const Shape& sample);
  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;

 private:
  std::vector<Index> extents_;
};

}  // namespace emotrain::nn
