#pragma once
#include <cstring>

#include "emotrain/core/real.hpp"

namespace emotrain::optim {

/// sum a^2 in double, in an order that depends on n alone (and on the width of the registers that the library is built for): a
/// few chains of additions side by side, so that their latency is hidden.
inline double sum_of_squares(Index n, const Real* a) {
  constexpr Index lanes = __BIGGEST_ALIGNMENT__ / sizeof(double);
  constexpr Index chains = 4;
  using Narrow [[gnu::vector_size(lanes * sizeof(Real))]] = Real;
  using Wide [[gnu::vector_size(lanes * sizeof(double))]] = double;
  Wide sums[chains] = {};
  const auto add = [&](Wide& sum, Index i) {
    Narrow narrow;
    std::memcpy(&narrow, a + i, sizeof narrow);
    const Wide x = __builtin_convertvector(narrow, Wide);
    sum += x * x;
  };
  Index i = 0;
  for (; i + lanes * chains <= n; i += lanes * chains) {
#pragma GCC unroll 4
    for (Index c = 0; c < chains; ++c) add(sums[c], i + c * lanes);
  }
  for (; i + lanes <= n; i += lanes) add(sums[0], i);
  const Wide all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  double sum = 0;
  for (Index lane = 0; lane < lanes; ++lane) sum += all[lane];
  for (; i < n; ++i) sum += double(a[i]) * double(a[i]);
  return sum;
}

/// sum (a - b)^2. In the float build at most 8 squares are added in float before their sum is widened, for widening each would cost more
/// than all else that an update does to an element: relative error below 1e-6, whatever n. Squares that may leave float's range are summed
/// again in double.
inline double squared_distance(Index n, const Real* a, const Real* b) {
  constexpr Index lanes = __BIGGEST_ALIGNMENT__ / sizeof(Real);
  constexpr Index chains = 4;
  constexpr Index run = 8;
  using Narrow [[gnu::vector_size(lanes * sizeof(Real))]] = Real;
  using Wide [[gnu::vector_size(lanes * sizeof(double))]] = double;
  const auto add = [&](Narrow& sum, Index i) {
    Narrow x;
    Narrow y;
    std::memcpy(&x, a + i, sizeof x);
    std::memcpy(&y, b + i, sizeof y);
    x -= y;
    sum += x * x;
  };
  Wide total{};
  Index i = 0;
  while (i + lanes * chains <= n) {
    Narrow sums[chains] = {};
    for (Index r = 0; r < run && i + lanes * chains <= n; ++r, i += lanes * chains) {
#pragma GCC unroll 4
      for (Index c = 0; c < chains; ++c) add(sums[c], i + c * lanes);
    }
    total += __builtin_convertvector((sums[0] + sums[1]) + (sums[2] + sums[3]), Wide);
  }
  double sum = 0;
  for (Index lane = 0; lane < lanes; ++lane) sum += total[lane];
  const auto add_from = [&](Index first) {
    for (Index k = first; k < n; ++k) {
      const double x = a[k] - b[k];
      sum += x * x;
    }
  };
  add_from(i);
  if (sum > 1e-24 && sum < 1e30) return sum;
  sum = 0;
  add_from(0);
  return sum;
}

}  // namespace emotrain::optim
