#pragma once
#include "emotrain/core/real.hpp"

namespace emotrain::kernels {

/// x (outer, a, middle, b, inner) -> y (outer, b, middle, a, inner).
struct Swap {
  Index outer, a, middle, b, inner;
};
void swap_axes(const Real* x, Real* y, const Swap& swap);

/// Copies `rows` rows of `columns` values; the rows of x and y start every x_stride and y_stride values.
void copy_rows(const Real* x, Index x_stride, Real* y, Index y_stride, Index rows, Index columns);

}  // namespace emotrain::kernels
