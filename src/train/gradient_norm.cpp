#include "emotrain/train/gradient_norm.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>

#include "emotrain/core/threads.hpp"

namespace emotrain::train {
namespace {

constexpr Index tile_size = Index{1} << 14;
/// Waking threads costs more than reading fewer values than these.
constexpr std::size_t fewest_parallel_tiles = 16;

/// As many values as a cache line; the compiler makes one or more registers of them.
using Lanes = Real __attribute__((vector_size(64)));
constexpr Index lanes = 64 / sizeof(Real);
/// Independent chains of additions, so that their latency is hidden, and squares that a lane adds in Real before it goes on in double:
/// converting every value would take twice the time.
constexpr Index chains = 4;
constexpr Index block = lanes * chains * 16;

Lanes squares(const Real* x) {
  Lanes values;
  std::memcpy(&values, x, sizeof(values));
  return values * values;
}

Lanes squares_of_block(const Real* x) {
  Lanes sums[chains] = {};
  for (const Real* end = x + block; x != end; x += lanes * chains) {
    for (Index chain = 0; chain < chains; ++chain) sums[chain] += squares(x + chain * lanes);
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

double squares_in_lanes(const Real* x, Index n) {
  using Doubles = double __attribute__((vector_size(lanes * sizeof(double))));
  Doubles sums = {};
  Index i = 0;
  for (; i + block <= n; i += block) sums += __builtin_convertvector(squares_of_block(x + i), Doubles);
  Lanes rest = {};
  for (; i + lanes <= n; i += lanes) rest += squares(x + i);
  sums += __builtin_convertvector(rest, Doubles);
  double total = 0;
  for (Index lane = 0; lane < lanes; ++lane) total += sums[lane];
  for (; i < n; ++i) total += double{x[i]} * double{x[i]};
  return total;
}

double squares_in_double(const Real* x, Index n) {
  return std::transform_reduce(x, x + n, 0.0, std::plus<>(), [](Real value) { return double{value} * double{value}; });
}

double sum_of_squares(const Real* x, Index n) {
  const double sum = squares_in_lanes(x, n);
  // Squares beyond the range of Real, above or below, are formed again in double.
  return std::isfinite(sum) && sum > 1e-30 ? sum : squares_in_double(x, n);
}

}  // namespace

GradientNorm::GradientNorm(std::span<const Tensor> parameters) : parameters_(parameters.begin(), parameters.end()) {
  for (std::size_t p = 0; p < parameters_.size(); ++p) {
    const Index size = parameters_[p].size();
    for (Index first = 0; first < size; first += tile_size) tiles_.push_back({p, first, std::min(tile_size, size - first)});
  }
  sums_.resize(tiles_.size());
}

double GradientNorm::operator()() {
  const auto add_tile = [&](std::size_t t) {
    const auto [parameter, first, count] = tiles_[t];
    const std::span<const Real> gradient = parameters_[parameter].grad();
    sums_[t] = gradient.empty() ? 0 : sum_of_squares(gradient.data() + first, count);
  };
  if (tiles_.size() < fewest_parallel_tiles) {
    for (std::size_t t = 0; t < tiles_.size(); ++t) add_tile(t);
  } else {
    parallel_for(static_cast<Index>(tiles_.size()), [&](Index t) { add_tile(static_cast<std::size_t>(t)); });
  }
  return std::sqrt(std::accumulate(sums_.begin(), sums_.end(), 0.0));
}

void scale_gradients(std::span<const Tensor> parameters, double factor) {
  for (const Tensor& parameter : parameters) {
    for (Real& value : parameter.grad()) value *= static_cast<Real>(factor);
  }
}

void clamp_gradients(std::span<const Tensor> parameters, double limit) {
  const auto bound = static_cast<Real>(limit);
  for (const Tensor& parameter : parameters) {
    for (Real& value : parameter.grad()) value = std::clamp(value, -bound, bound);
  }
}

}  // namespace emotrain::train
