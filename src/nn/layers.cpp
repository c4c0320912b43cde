#include "emotrain/nn/layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/nn/structure.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "emotrain/ops/matmul.hpp"
#include "emotrain/ops/norm.hpp"
#include "emotrain/ops/structure.hpp"
#include "nn/windows.hpp"

namespace emotrain::nn {
namespace {

std::vector<Attribute> window(Index kernel, Index stride, Index padding) {
  const std::vector<Index> kernels(2, kernel);
  const std::vector<Index> strides(2, stride);
  const std::vector<Index> pads(4, padding);
  return {{"kernel_shape", kernels}, {"strides", strides}, {"pads", pads}};
}

Shape pooled(const Shape& sample, const ops::PoolOptions& o) {
  return {sample[0], window_places(sample[1], o.kernel, o.stride, o.padding), window_places(sample[2], o.kernel, o.stride, o.padding)};
}

/// The shape of a batch for Reshape, which keeps an extent where 0 stands.
std::vector<Index> batch_of(const Shape& sample) {
  std::vector<Index> extents{0};
  extents.insert(extents.end(), sample.begin(), sample.end());
  return extents;
}

/// Of the layers that take a mean and a variance of what they normalise: an addition for the mean; a difference, a square and its addition
/// for the variance; a difference and a product; weight and bias.
constexpr Index norm_flops = 8;

}  // namespace

void Module::buffers(const std::string& /*prefix*/, std::vector<NamedTensor>& /*out*/) const {}

WeightLayer::WeightLayer(const Shape& weight, Index outputs, bool bias, Initializer& init) : weight_(init.weight(weight)) {
  if (bias) bias_ = init.bias(outputs, weight);
}

void WeightLayer::parameters(const std::string& prefix, std::vector<NamedTensor>& out) const {
  out.push_back({prefix + "weight", weight_});
  if (bias_.defined()) out.push_back({prefix + "bias", bias_});
}

std::vector<std::string> WeightLayer::operands(const Value& x, Layer& layer) const {
  std::vector<std::string> names{x.name, layer.parameter("weight", weight_)};
  if (bias_.defined()) names.push_back(layer.parameter("bias", bias_));
  return names;
}

bool WeightLayer::fuse_relu() {
  activation_ = ops::Activation::relu;
  return true;
}

Tensor Linear::forward(const Tensor& x, const Context& /*context*/) { return ops::linear(x, weight_, bias_, activation_); }

Value Linear::describe(const std::string& name, const Value& x, Structure& out) const {
  Layer& layer = out.add(name, "linear", x, {weight_.shape()[0]}, 2 * weight_.size());
  return {layer.apply("Gemm", operands(x, layer), {{"transB", 1}}), layer.output};
}

Tensor Conv2d::forward(const Tensor& x, const Context& /*context*/) { return ops::conv2d(x, weight_, bias_, options_, activation_); }

Value Conv2d::describe(const std::string& name, const Value& x, Structure& out) const {
  const Index kernel = weight_.shape()[2];
  const Index height = window_places(x.sample[1], kernel, options_.stride, options_.padding);
  const Index width = window_places(x.sample[2], kernel, options_.stride, options_.padding);
  Layer& layer = out.add(name, "conv2d", x, {weight_.shape()[0], height, width}, 2 * weight_.size() * height * width);
  return {layer.apply("Conv", operands(x, layer), window(kernel, options_.stride, options_.padding)), layer.output};
}

/// A relu that comes after the pooling changes neither values nor gradients by coming before it, so both may be fused in any order.
bool Conv2d::fuse_max_pool() {
  if (options_.max_pool) return false;
  return options_.max_pool = true;
}

Tensor ConvTranspose2d::forward(const Tensor& x, const Context& /*context*/) {
  return ops::conv_transpose2d(x, weight_, bias_, options_, activation_);
}

Value ConvTranspose2d::describe(const std::string& name, const Value& x, Structure& out) const {
  const Index kernel = weight_.shape()[2];
  const auto extent = [&](Index of) { return transposed_extent(of, kernel, options_.stride, options_.padding, options_.output_padding); };
  const Shape result{weight_.shape()[1], extent(x.sample[1]), extent(x.sample[2])};
  Layer& layer = out.add(name, "conv_transpose2d", x, result, 2 * weight_.size() * x.sample[1] * x.sample[2]);
  std::vector<Attribute> attributes = window(kernel, options_.stride, options_.padding);
  attributes.push_back({"output_padding", std::vector<Index>(2, options_.output_padding)});
  return {layer.apply("ConvTranspose", operands(x, layer), std::move(attributes)), result};
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

Value Nonlinearity::describe(const std::string& name, const Value& x, Structure& out) const {
  Layer& layer = out.add(name, names[static_cast<std::size_t>(kind_)], x, x.sample, x.sample.size());
  const auto result = [&]() -> std::string {
    switch (kind_) {
      case Kind::relu:
        return layer.apply("Relu", {x.name});
      case Kind::leaky_relu:
        return layer.apply("LeakyRelu", {x.name}, {{"alpha", double{negative_slope_}}});
      case Kind::gelu: {
        const auto number = [&](const char* of, double value) { return layer.constant(of, std::vector<float>{static_cast<float>(value)}); };
        const std::string erf = layer.apply("Erf", {layer.apply("Mul", {x.name, number("sqrt_half", std::sqrt(0.5))})});
        const std::string twice_phi = layer.apply("Add", {erf, number("one", 1)});
        return layer.apply("Mul", {layer.apply("Mul", {x.name, twice_phi}), number("half", 0.5)});
      }
      case Kind::silu:
        return layer.apply("Mul", {x.name, layer.apply("Sigmoid", {x.name})});
      case Kind::tanh:
        return layer.apply("Tanh", {x.name});
      case Kind::sigmoid:
        return layer.apply("Sigmoid", {x.name});
      case Kind::softplus:
        return layer.apply("Softplus", {x.name});
    }
    return {};
  };
  return {result(), x.sample};
}

Tensor MaxPool2d::forward(const Tensor& x, const Context& /*context*/) { return ops::max_pool2d(x, options_); }

Value MaxPool2d::describe(const std::string& name, const Value& x, Structure& out) const {
  const Shape result = pooled(x.sample, options_);
  Layer& layer = out.add(name, "max_pool2d", x, result, result.size() * options_.kernel * options_.kernel);
  return {layer.apply("MaxPool", {x.name}, window(options_.kernel, options_.stride, options_.padding)), result};
}

Tensor AvgPool2d::forward(const Tensor& x, const Context& /*context*/) { return ops::avg_pool2d(x, options_); }

Value AvgPool2d::describe(const std::string& name, const Value& x, Structure& out) const {
  const Shape result = pooled(x.sample, options_);
  Layer& layer = out.add(name, "avg_pool2d", x, result, result.size() * options_.kernel * options_.kernel);
  std::vector<Attribute> attributes = window(options_.kernel, options_.stride, options_.padding);
  attributes.push_back({"count_include_pad", 1});
  return {layer.apply("AveragePool", {x.name}, std::move(attributes)), result};
}

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

Value BatchNorm::describe(const std::string& name, const Value& x, Structure& out) const {
  Layer& layer = out.add(name, "batch_norm", x, x.sample, 2 * x.sample.size());
  std::vector<std::string> operands{x.name, layer.parameter("weight", weight_), layer.parameter("bias", bias_),
                                    layer.buffer("running_mean", running_mean_), layer.buffer("running_var", running_var_)};
  return {layer.apply("BatchNormalization", std::move(operands), {{"epsilon", eps_}}), x.sample};
}

void BatchNorm::buffers(const std::string& prefix, std::vector<NamedTensor>& out) const {
  out.push_back({prefix + "running_mean", running_mean_});
  out.push_back({prefix + "running_var", running_var_});
}

Tensor GroupNorm::forward(const Tensor& x, const Context& /*context*/) { return ops::group_norm(x, groups_, weight_, bias_, eps_); }

/// ONNX has none before opset 18 (and there with weights per group until 21): it is an instance norm of the groups, without weights, which
/// are then the channels'.
Value GroupNorm::describe(const std::string& name, const Value& x, Structure& out) const {
  Layer& layer = out.add(name, "group_norm", x, x.sample, norm_flops * x.sample.size());
  const auto groups = static_cast<std::size_t>(groups_);
  const std::string ones = layer.constant("ones", std::vector<float>(groups, 1.0F));
  const std::string zeros = layer.constant("zeros", std::vector<float>(groups, 0.0F));
  const std::string grouped = layer.apply("Reshape", {x.name, layer.constant("groups", std::vector<Index>{0, groups_, -1})});
  const std::string normal = layer.apply("InstanceNormalization", {grouped, ones, zeros}, {{"epsilon", eps_}});
  const std::string back = layer.apply("Reshape", {normal, layer.constant("sample", batch_of(x.sample))});
  std::vector<Index> per_channel(static_cast<std::size_t>(x.sample.rank()), 1);
  per_channel[0] = x.sample[0];
  const std::string channels = layer.constant("channels", per_channel);
  const std::string weight = layer.apply("Reshape", {layer.parameter("weight", weight_), channels});
  const std::string bias = layer.apply("Reshape", {layer.parameter("bias", bias_), channels});
  return {layer.apply("Add", {layer.apply("Mul", {back, weight}), bias}), x.sample};
}

Tensor LayerNorm::forward(const Tensor& x, const Context& /*context*/) { return ops::layer_norm(x, weight_, bias_, eps_); }

Value LayerNorm::describe(const std::string& name, const Value& x, Structure& out) const {
  Layer& layer = out.add(name, "layer_norm", x, x.sample, norm_flops * x.sample.size());
  std::vector<std::string> operands{x.name, layer.parameter("weight", weight_), layer.parameter("bias", bias_)};
  return {layer.apply("LayerNormalization", std::move(operands), {{"axis", -1}, {"epsilon", eps_}}), x.sample};
}

Tensor Dropout::forward(const Tensor& x, const Context& context) {
  if (!context.training || probability_ == 0) return x;
  const RandomKey key{.seed = context.seed, .stream = Stream::dropout, .substream = number_};
  return ops::dropout(x, probability_, key, context.step);
}

Value Dropout::describe(const std::string& name, const Value& x, Structure& out) const {
  Layer& layer = out.add(name, "dropout", x, x.sample, 0);
  if (probability_ == 0) layer.activation_bytes = 0;
  return x;
}

Tensor Upsample::forward(const Tensor& x, const Context& /*context*/) { return ops::upsample_nearest2d(x, factor_); }

Value Upsample::describe(const std::string& name, const Value& x, Structure& out) const {
  Layer& layer = out.add(name, "upsample", x, {x.sample[0], x.sample[1] * factor_, x.sample[2] * factor_}, 0);
  const auto factor = static_cast<float>(factor_);
  const std::string scales = layer.constant("scales", std::vector<float>{1, 1, factor, factor});
  const std::vector<Attribute> attributes{{"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}};
  return {layer.apply("Resize", {x.name, "", scales}, attributes), layer.output};
}

Tensor Flatten::forward(const Tensor& x, const Context& /*context*/) { return x.rank() == 2 ? x : ops::flatten(x); }

Value Flatten::describe(const std::string& name, const Value& x, Structure& out) const {
  Layer& layer = out.add(name, "flatten", x, {x.sample.size()}, 0);
  layer.activation_bytes = 0;
  return x.sample.rank() == 1 ? x : Value{layer.apply("Flatten", {x.name}), layer.output};
}

Unflatten::Unflatten(const Shape& sample) : extents_{-1} { extents_.insert(extents_.end(), sample.begin(), sample.end()); }

Tensor Unflatten::forward(const Tensor& x, const Context& /*context*/) { return ops::reshape(x, extents_); }

Value Unflatten::describe(const std::string& name, const Value& x, Structure& out) const {
  const Shape result{std::span(extents_).subspan(1)};
  Layer& layer = out.add(name, "unflatten", x, result, 0);
  layer.activation_bytes = 0;
  return {layer.apply("Reshape", {x.name, layer.constant("sample", batch_of(result))}), result};
}

}  // namespace emotrain::nn
