#include "kernels/cpu/array.hpp"  // before Eigen's own header: it quiets a false warning

#include <unsupported/Eigen/SpecialFunctions>
#include <numbers>

#include "emotrain/kernels/elementwise.hpp"
#include "kernels/cpu/log1p.hpp"
#include "kernels/cpu/tiles.hpp"

namespace emotrain::kernels {
namespace {

constexpr Real half = Real(0.5);
constexpr Real one = 1;
constexpr Real sqrt_half = static_cast<Real>(1 / std::numbers::sqrt2);
constexpr Real sqrt_half_inv_pi = static_cast<Real>(std::numbers::inv_sqrtpi / std::numbers::sqrt2);

/// 1 / (1 + exp(-x)).
auto logistic(const ConstArray& x) { return (one + (-x).exp()).inverse(); }
/// The normal distribution function.
auto phi(const ConstArray& x) { return half * (one + (sqrt_half * x).erf()); }

void map_tile(Unary f, Real slope, const Real* px, Real* py, Index n) {
  const ConstArray x(px, n);
  Array y(py, n);
  switch (f) {
    case Unary::exp:
      y = x.exp();
      break;
    case Unary::log:
      y = x.log();
      break;
    case Unary::sqrt:
      y = x.sqrt();
      break;
    case Unary::square:
      y = x.square();
      break;
    case Unary::tanh:
      y = x.tanh();
      break;
    case Unary::sigmoid:
      y = logistic(x);
      break;
    case Unary::gelu:
      y = x * phi(x);
      break;
    case Unary::silu:
      y = x * logistic(x);
      break;
    case Unary::softplus:
      y = (-x.abs()).exp();
      for (Index i = 0; i < n; ++i) py[i] = (px[i] > 0 ? px[i] : 0) + log1p_of_fraction(py[i]);
      break;
    // Written so that a NaN stays one.
    case Unary::relu:
      for (Index i = 0; i < n; ++i) py[i] = px[i] < 0 ? 0 : px[i];
      break;
    case Unary::leaky_relu:
      for (Index i = 0; i < n; ++i) py[i] = px[i] > 0 ? px[i] : slope * px[i];
      break;
  }
}

struct BackwardArguments {
  const Real* __restrict x;
  const Real* __restrict y;
  const Real* __restrict g;
  Real* __restrict dx;
};

void backward_tile(Unary f, Real slope, const BackwardArguments& p, Index n) {
  const ConstArray x(p.x, n);
  const ConstArray y(p.y, n);
  const ConstArray g(p.g, n);
  Array dx(p.dx, n);
  switch (f) {
    case Unary::exp:
      dx = g * y;
      break;
    case Unary::log:
      dx = g / x;
      break;
    case Unary::sqrt:
      dx = half * g / y;
      break;
    case Unary::square:
      dx = Real(2) * g * x;
      break;
    case Unary::tanh:
      dx = g * (one - y.square());
      break;
    case Unary::sigmoid:
      dx = g * y * (one - y);
      break;
    case Unary::gelu:
      dx = g * (phi(x) + x * sqrt_half_inv_pi * (-half * x.square()).exp());
      break;
    case Unary::silu:
      dx = logistic(x);
      dx = g * dx * (one + x * (one - dx));
      break;
    case Unary::softplus:
      dx = g * logistic(x);
      break;
    case Unary::relu:
      for (Index i = 0; i < n; ++i) p.dx[i] = p.y[i] <= 0 ? 0 : p.g[i];
      break;
    case Unary::leaky_relu:
      for (Index i = 0; i < n; ++i) p.dx[i] = p.x[i] > 0 ? p.g[i] : slope * p.g[i];
      break;
  }
}

}  // namespace

void map(Unary f, Real slope, const Real* x, Real* y, Index n) {
  for_tiles(n, tile, [&](Index first, Index last) { map_tile(f, slope, x + first, y + first, last - first); });
}

void map_backward(Unary f, Real slope, const Real* x, const Real* y, const Real* g, Real* dx, Index n) {
  for_tiles(n, tile, [&](Index first, Index last) {
    backward_tile(f, slope, {.x = x + first, .y = y + first, .g = g + first, .dx = dx + first}, last - first);
  });
}

void affine(const Real* x, Real scale, Real shift, Real* y, Index n) {
  for_tiles(n, tile, [&](Index first, Index last) {
    const Real* __restrict in = x;
    Real* __restrict out = y;
    for (Index i = first; i < last; ++i) out[i] = scale * in[i] + shift;
  });
}

void dropout(const Real* x, double probability, Real* mask, Real* y, Index n) {
  const auto drop_below = static_cast<Real>(probability);
  const auto keep = static_cast<Real>(1 / (1 - probability));
  for_tiles(n, tile, [&](Index first, Index last) {
    const Real* __restrict in = x;
    Real* __restrict out = y;
    Real* __restrict m = mask;
    for (Index i = first; i < last; ++i) {
      m[i] = m[i] < drop_below ? 0 : keep;
      out[i] = in[i] * m[i];
    }
  });
}

void sample_gaussian(const Real* mean, const Real* log_variance, Real* spread, Real* y, Index n) {
  for_tiles(n, tile, [&](Index first, Index last) {
    Array s(spread + first, last - first);
    s *= (half * ConstArray(log_variance + first, last - first)).exp();
    Array(y + first, last - first) = ConstArray(mean + first, last - first) + s;
  });
}

}  // namespace emotrain::kernels
