#include "emotrain/nn/layers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emotrain/core/error.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "emotrain/ops/matmul.hpp"
#include "emotrain/ops/norm.hpp"
#include "emotrain/ops/structure.hpp"

namespace emotrain::nn {

void Module::buffers(const std::string& /*prefix*/, std::vector<NamedTensor>& /*out*/) const {}

WeightLayer::WeightLayer(const Shape& weight, Index outputs, bool bias, Initializer& init) : weight_(init.weight(weight)) {
  if (bias) bias_ = init.bias(outputs, weight);
}

void WeightLayer::parameters(const std::string& prefix, std::vector<NamedTensor>& out) const {
  out.push_back({prefix + "weight", weight_});
  if (bias_.defined()) out.push_back({prefix + "bias", bias_});
}

bool WeightLayer::fuse_relu() {
  activation_ = ops::Activation::relu;
  return true;
}

Tensor Linear::forward(const Tensor& x, const Context& /*context*/) { return ops::linear(x, weight_, bias_, activation_); }

Tensor Conv2d::forward(const Tensor& x, const Context& /*context*/) { return ops::conv2d(x, weight_, bias_, options_, activation_); }

/// A relu that comes after the pooling changes neither values nor gradients by coming before it, so both may be fused in any order.
bool Conv2d::fuse_max_pool() {
  if (options_.max_pool) return false;
  return options_.max_pool = true;
}

Tensor ConvTranspose2d::forward(const Tensor& x, const Context& /*context*/) {
  return ops::conv_transpose2d(x, weight_, bias_, options_, activation_);
}

void PlainLayer::parameters(const std::string& /*prefix*/, std::vector<NamedTensor>& /*out*/) const {}

Nonlinearity::Kind Nonlinearity::named(std::string_view name) {
  const auto* found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) fail(ErrorKind::usage, "activation: \"{}\" is not one of {}", name, fmt::join(names, ", "));
  return static_cast<Kind>(found - names.begin());
}

Tensor Nonlinearity::forward(const Tensor& x, const Context& /*context*/) {
  switch (kind_) {
    case Kind::relu:
      return ops::relu(x);
    case Kind::leaky_relu:
      return ops::leaky_relu(x, negative_slope_);
    case Kind::gelu:
      return ops::gelu(x);
    case Kind::silu:
      return ops::silu(x);
    case Kind::tanh:
      return ops::tanh(x);
    case Kind::sigmoid:
      return ops::sigmoid(x);
    case Kind::softplus:
      return ops::softplus(x);
  }
  return {};
}

Tensor MaxPool2d::forward(const Tensor& x, const Context& /*context*/) { return ops::max_pool2d(x, options_); }

Tensor AvgPool2d::forward(const Tensor& x, const Context& /*context*/) { return ops::avg_pool2d(x, options_); }

NormLayer::NormLayer(Index size, double eps, Initializer& init)
    : weight_(init.constant({size}, 1)), bias_(init.constant({size}, 0)), eps_(eps) {}

void NormLayer::parameters(const std::string& prefix, std::vector<NamedTensor>& out) const {
  out.push_back({prefix + "weight", weight_});
  out.push_back({prefix + "bias", bias_});
}

BatchNorm::BatchNorm(Index channels, double momentum, double eps, Initializer& init)
    : NormLayer(channels, eps, init),
      momentum_(momentum),
      running_mean_(init.buffer({channels}, 0)),
      running_var_(init.buffer({channels}, 1)) {}

Tensor BatchNorm::forward(const Tensor& x, const Context& context) {
  return ops::batch_norm(x, weight_, bias_, running_mean_, running_var_, context.training, momentum_, eps_);
}

void BatchNorm::buffers(const std::string& prefix, std::vector<NamedTensor>& out) const {
  out.push_back({prefix + "running_mean", running_mean_});
  out.push_back({prefix + "running_var", running_var_});
}

Tensor GroupNorm::forward(const Tensor& x, const Context& /*context*/) { return ops::group_norm(x, groups_, weight_, bias_, eps_); }

Tensor LayerNorm::forward(const Tensor& x, const Context& /*context*/) { return ops::layer_norm(x, weight_, bias_, eps_); }

Tensor Dropout::forward(const Tensor& x, const Context& context) {
  if (!context.training || probability_ == 0) return x;
  const RandomKey key{.seed = context.seed, .stream = Stream::dropout, .substream = number_};
  return ops::dropout(x, probability_, key, context.step);
}

Tensor Upsample::forward(const Tensor& x, const Context& /*context*/) { return ops::upsample_nearest2d(x, factor_); }

Tensor Flatten::forward(const Tensor& x, const Context& /*context*/) { return x.rank() == 2 ? x : ops::flatten(x); }

Unflatten::Unflatten(const Shape& sample) : extents_{-1} { extents_.insert(extents_.end(), sample.begin(), sample.end()); }

Tensor Unflatten::forward(const Tensor& x, const Context& /*context*/) { return ops::reshape(x, extents_); }

}  // namespace emotrain::nn
