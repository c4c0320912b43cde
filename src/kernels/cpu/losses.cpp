#include "emotrain/kernels/losses.hpp"

#include <cmath>

#include "emotrain/core/buffer.hpp"
#include "kernels/cpu/array.hpp"
#include "kernels/cpu/log1p.hpp"
#include "kernels/cpu/sums.hpp"
#include "kernels/cpu/tiles.hpp"

namespace emotrain::kernels {
namespace {

constexpr Real half = Real(0.5);

/// One block of elements, with room for every result.
struct Block {
  const Real* __restrict a;
  const Real* __restrict b;
  const Real* __restrict target;
  Real* __restrict value;
  Real* __restrict by_a;
  Real* __restrict by_b;
  Index n;
};

void squared(const Block& k) {
  for (Index i = 0; i < k.n; ++i) {
    const Real d = k.a[i] - k.target[i];
    k.value[i] = d * d;
    k.by_a[i] = 2 * d;
  }
}

void absolute(const Block& k) {
  for (Index i = 0; i < k.n; ++i) {
    const Real d = k.a[i] - k.target[i];
    k.value[i] = std::abs(d);
    k.by_a[i] = d > 0 ? Real(1) : d < 0 ? Real(-1) : d;
  }
}

void huber(const Block& k, Real delta) {
  for (Index i = 0; i < k.n; ++i) {
    const Real d = k.a[i] - k.target[i];
    const Real size = std::abs(d);
    k.value[i] = size > delta ? delta * (size - half * delta) : half * d * d;
    k.by_a[i] = d > delta ? delta : d < -delta ? -delta : d;
  }
}

void bce_with_logits(const Block& k) {
  alignas(register_bytes) Real e[block];
  Array(e, k.n) = (-ConstArray(k.a, k.n).abs()).exp();
  for (Index i = 0; i < k.n; ++i) {
    const Real x = k.a[i];
    k.value[i] = (x > 0 ? x : 0) - x * k.target[i] + log1p_of_fraction(e[i]);
    k.by_a[i] = (x > 0 ? 1 : e[i]) / (1 + e[i]) - k.target[i];
  }
}

void gaussian_nll(const Block& k, Real eps) {
  Real v[block];
  for (Index i = 0; i < k.n; ++i) v[i] = k.b[i] < eps ? eps : k.b[i];
  Array(k.value, k.n) = ConstArray(v, k.n).log();
  for (Index i = 0; i < k.n; ++i) {
    const Real d = k.a[i] - k.target[i];
    const Real r = d / v[i];
    k.value[i] = half * (k.value[i] + d * r);
    k.by_a[i] = r;
    k.by_b[i] = half * (1 / v[i] - r * r);
  }
}

void kl_gaussian(const Block& k) {
  alignas(register_bytes) Real e[block];
  Array(e, k.n) = ConstArray(k.b, k.n).exp();
  for (Index i = 0; i < k.n; ++i) {
    k.value[i] = half * (k.a[i] * k.a[i] + e[i] - 1 - k.b[i]);
    k.by_a[i] = k.a[i];
    k.by_b[i] = half * (e[i] - 1);
  }
}

void compute(Loss kind, Real parameter, const Block& k) {
  switch (kind) {
    case Loss::squared:
      return squared(k);
    case Loss::absolute:
      return absolute(k);
    case Loss::huber:
      return huber(k, parameter);
    case Loss::bce_with_logits:
      return bce_with_logits(k);
    case Loss::gaussian_nll:
      return gaussian_nll(k, parameter);
    case Loss::kl_gaussian:
      return kl_gaussian(k);
  }
}

}  // namespace

double loss(Loss kind, const LossArguments& arguments, const LossResults& results, Index n) {
  const auto parameter = static_cast<Real>(arguments.parameter);
  const Index tiles = (n + tile - 1) / tile;
  const Scratch<double> sums(static_cast<std::size_t>(tiles));
  for_tiles(n, tile, [&](Index first, Index last) {
    alignas(register_bytes) Real unused[3][block];
    const auto at = [](auto* p, Index i) { return p != nullptr ? p + i : nullptr; };
    const auto to = [](Real* p, Index i, Real* otherwise) { return p != nullptr ? p + i : otherwise; };
    double total = 0;
    for (Index i = first; i < last; i += block) {
      const Block k{.a = arguments.a + i,
                    .b = at(arguments.b, i),
                    .target = at(arguments.target, i),
                    .value = to(results.value, i, unused[0]),
                    .by_a = to(results.by_a, i, unused[1]),
                    .by_b = to(results.by_b, i, unused[2]),
                    .n = std::min(block, last - i)};
      compute(kind, parameter, k);
      total += sum(k.value, k.n);
    }
    sums[static_cast<std::size_t>(first / tile)] = total;
  });
  return sum_of(tiles, [&](Index i) { return sums[static_cast<std::size_t>(i)]; });
}

}  // namespace emotrain::kernels
