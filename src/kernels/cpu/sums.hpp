#pragma once
#include "emotrain/core/real.hpp"

namespace emotrain::kernels {

/// The sum of term(i) for i in [0, n), in float64: sixteen partial sums, which the compiler vectorises, added up in a fixed order.
template <class Term>
double sum_of(Index n, Term&& term) {
  constexpr Index lanes = 16;
  double lane[lanes] = {};
  Index i = 0;
  for (; i + lanes <= n; i += lanes) {
    for (Index j = 0; j < lanes; ++j) lane[j] += static_cast<double>(term(i + j));
  }
  double rest = 0;
  for (; i < n; ++i) rest += static_cast<double>(term(i));
  if (n < lanes) return rest;
  for (Index width = lanes / 2; width > 0; width /= 2) {
    for (Index j = 0; j < width; ++j) lane[j] += lane[j + width];
  }
  return lane[0] + rest;
}

inline double sum(const Real* x, Index n) {
  return sum_of(n, [x](Index i) { return x[i]; });
}

}  // namespace emotrain::kernels
