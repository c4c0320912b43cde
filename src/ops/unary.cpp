#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/kernels/elementwise.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "ops/gradient.hpp"

namespace emotrain::ops {
namespace {

using kernels::Unary;

/// `op`: whoever calls this.
Tensor map(Unary f, const Tensor& x, Real slope = 0, const std::source_location& op = std::source_location::current()) {
  Tensor y = Tensor::empty(x.shape());
  kernels::map(f, slope, x.data(), y.data(), x.size());
  if (autograd::tracks(x)) {
    autograd::record(
        y,
        [f, slope, x, y] {
          add_gradient(x, [&](Real* dx) { kernels::map_backward(f, slope, x.data(), y.data(), y.grad().data(), dx, x.size()); });
        },
        op);
  }
  return y;
}

}  // namespace

Tensor exp(const Tensor& x) { return map(Unary::exp, x); }
Tensor log(const Tensor& x) { return map(Unary::log, x); }
Tensor sqrt(const Tensor& x) { return map(Unary::sqrt, x); }
Tensor square(const Tensor& x) { return map(Unary::square, x); }
Tensor tanh(const Tensor& x) { return map(Unary::tanh, x); }
Tensor sigmoid(const Tensor& x) { return map(Unary::sigmoid, x); }
Tensor relu(const Tensor& x) { return map(Unary::relu, x); }
Tensor leaky_relu(const Tensor& x, Real slope) { return map(Unary::leaky_relu, x, slope); }
Tensor gelu(const Tensor& x) { return map(Unary::gelu, x); }
Tensor silu(const Tensor& x) { return map(Unary::silu, x); }
Tensor softplus(const Tensor& x) { return map(Unary::softplus, x); }

Tensor dropout(const Tensor& x, double probability, const RandomKey& key, std::uint64_t step) {
  if (!(probability >= 0 && probability < 1)) fail(ErrorKind::usage, "[dropout] probability {}: give one in [0, 1)", probability);
  if (probability == 0) return x;
  const Scratch<Real> mask(static_cast<std::size_t>(x.size()));
  fill_uniform(key, step, mask.data(), x.size(), 0, 1);
  Tensor y = Tensor::empty(x.shape());
  kernels::dropout(x.data(), probability, mask.data(), y.data(), x.size());
  if (autograd::tracks(x)) {
    autograd::record(y, [x, y, mask] {
      add_gradient(x, [&](Real* dx) { kernels::zip(kernels::Binary::mul, y.grad().data(), mask.data(), dx, x.size()); });
    });
  }
  return y;
}

}  // namespace emotrain::ops
