#include "emotrain/kernels/layout.hpp"

#include "kernels/cpu/tiles.hpp"

namespace emotrain::kernels {
namespace {

/// y[c * y_stride + r] = x[r * x_stride + c], in squares that stay in the nearest cache.
void transpose(const Real* __restrict x, Index x_stride, Real* __restrict y, Index y_stride, Index rows, Index columns) {
  constexpr Index side = 16;
  for (Index r0 = 0; r0 < rows; r0 += side) {
    for (Index c0 = 0; c0 < columns; c0 += side) {
      const Index r1 = std::min(r0 + side, rows);
      const Index c1 = std::min(c0 + side, columns);
      for (Index c = c0; c < c1; ++c) {
        for (Index r = r0; r < r1; ++r) y[c * y_stride + r] = x[r * x_stride + c];
      }
    }
  }
}

}  // namespace

void swap_axes(const Real* x, Real* y, const Swap& s) {
  const Index size = s.a * s.middle * s.b * s.inner;
  for_tiles(s.outer, items_per_tile(size), [&](Index first, Index last) {
    for (Index o = first; o < last; ++o) {
      for (Index m = 0; m < s.middle; ++m) {
        const Real* from = x + o * size + m * s.b * s.inner;
        Real* to = y + o * size + m * s.a * s.inner;
        if (s.inner == 1) {
          transpose(from, s.middle * s.b, to, s.middle * s.a, s.a, s.b);
          continue;
        }
        for (Index b = 0; b < s.b; ++b) {
          // Row (a, m, b) of x is row (b, m, a) of y.
          copy_rows(from + b * s.inner, s.middle * s.b * s.inner, to + b * s.middle * s.a * s.inner, s.inner, s.a, s.inner);
        }
      }
    }
  });
}

void copy_rows(const Real* x, Index x_stride, Real* y, Index y_stride, Index rows, Index columns) {
  for_tiles(rows, items_per_tile(columns), [&](Index first, Index last) {
    for (Index row = first; row < last; ++row) std::copy_n(x + row * x_stride, columns, y + row * y_stride);
  });
}

}  // namespace emotrain::kernels
