#include "emotrain/nn/init.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "emotrain/core/error.hpp"
#include "emotrain/core/random.hpp"

namespace emotrain::nn {
namespace {

struct Fans {
  double in;
  double out;
};

Fans fans(const Shape& weight) {
  double receptive = 1;
  for (int axis = 2; axis < weight.rank(); ++axis) receptive *= static_cast<double>(weight[axis]);
  return {.in = static_cast<double>(weight[1]) * receptive, .out = static_cast<double>(weight[0]) * receptive};
}

/// Product of the extents, or `limit + 1` if it is larger than `limit`; never overflows.
Index bounded_size(const Shape& shape, Index limit) {
  Index size = 1;
  for (Index extent : shape) {
    if (extent < 1) fail(ErrorKind::usage, "a size of {} in {}: sizes must be at least 1", extent, shape);
    if (extent > limit / size) return limit + 1;
    size *= extent;
  }
  return size;
}

}  // namespace

InitScheme init_scheme(std::string_view name) {
  const auto* found = std::find(init_names.begin(), init_names.end(), name);
  if (found == init_names.end()) fail(ErrorKind::usage, "init: \"{}\" is not one of {}", name, fmt::join(init_names, ", "));
  return static_cast<InitScheme>(found - init_names.begin());
}

Initializer Initializer::counting() {
  Initializer initializer(InitScheme::torch_default, 0);
  initializer.counting_ = true;
  return initializer;
}

Tensor Initializer::weight(const Shape& shape) {
  const Fans fan = fans(shape);
  switch (scheme_) {
    case InitScheme::torch_default:
      return random(shape, false, 1 / std::sqrt(fan.in));
    case InitScheme::kaiming_normal:
      return random(shape, true, std::sqrt(2 / fan.in));
    case InitScheme::kaiming_uniform:
      return random(shape, false, std::sqrt(6 / fan.in));
    case InitScheme::xavier_normal:
      return random(shape, true, std::sqrt(2 / (fan.in + fan.out)));
    case InitScheme::xavier_uniform:
      return random(shape, false, std::sqrt(6 / (fan.in + fan.out)));
  }
  return {};
}

Tensor Initializer::bias(Index size, const Shape& weight_shape) {
  if (scheme_ != InitScheme::torch_default) return constant({size}, 0);
  return random({size}, false, 1 / std::sqrt(fans(weight_shape).in));
}

Tensor Initializer::constant(const Shape& shape, Real value) {
  count(shape);
  ++number_;
  if (counting_) return {};
  return Tensor::full(shape, value).set_requires_grad(true);
}

Tensor Initializer::buffer(const Shape& shape, Real value) {
  count(shape);
  return counting_ ? Tensor() : Tensor::full(shape, value);
}

Tensor Initializer::random(const Shape& shape, bool normal, double spread) {
  count(shape);
  const RandomKey key{.seed = seed_, .stream = Stream::init, .substream = number_++};
  if (counting_) return {};
  const Tensor tensor = Tensor::empty(shape);
  if (normal) {
    fill_normal(key, 0, tensor.data(), tensor.size(), 0, spread);
  } else {
    fill_uniform(key, 0, tensor.data(), tensor.size(), -spread, spread);
  }
  return tensor.set_requires_grad(true);
}

void Initializer::count(const Shape& shape) {
  const Index left = max_parameters - values_;
  const Index size = bounded_size(shape, left);
  if (size > left) {
    fail(ErrorKind::usage, "a parameter of shape {} brings the model over {} parameters: make its layers smaller", shape, max_parameters);
  }
  values_ += size;
}

void check_sample_size(const Shape& sample) {
  if (bounded_size(sample, max_values_per_sample) > max_values_per_sample) {
    fail(ErrorKind::usage, "a result of shape {} per sample has more than {} values: make the layer smaller", sample,
         max_values_per_sample);
  }
}

}  // namespace emotrain::nn
