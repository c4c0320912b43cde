#pragma once
#include "emotrain/core/real.hpp"

namespace emotrain::kernels {

/// log(1 + e) for 0 <= e <= 1 to full relative precision: 2 atanh(r) with r = e / (2 + e) <= 1/3, by its series, whose terms shrink by at
/// least 9. A loop over it is vectorised, and needs one division where the general log1p needs a logarithm too.
inline Real log1p_of_fraction(Real e) {
  constexpr int terms = sizeof(Real) == 4 ? 8 : 17;
  const Real r = e / (2 + e);
  const Real square = r * r;
  Real sum = 0;
#pragma GCC unroll 20
  for (int k = terms - 1; k >= 0; --k) sum = sum * square + static_cast<Real>(2.0 / (2 * k + 1));
  return r * sum;
}

}  // namespace emotrain::kernels
