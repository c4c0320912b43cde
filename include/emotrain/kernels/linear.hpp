#pragma once
#include "emotrain/core/real.hpp"

namespace emotrain::kernels {

/// masked (rows, columns) = d where result > 0, else 0; sums[j] (+)= the sum of column j of masked. `result` null: d counts everywhere, and
/// `masked` is not written. `sums` null: no sums.
void mask_and_sum(Index rows, Index columns, const Real* d, const Real* result, Real* masked, Real* sums, bool accumulate);

}  // namespace emotrain::kernels
