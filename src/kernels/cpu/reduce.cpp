#include "emotrain/kernels/reduce.hpp"

#include "emotrain/core/buffer.hpp"
#include "kernels/cpu/sums.hpp"
#include "kernels/cpu/walk.hpp"

namespace emotrain::kernels {
namespace {

/// Adds the part [first, last) of the outermost axis to `total`, which has the shape of the result.
void add_part(const Real* x, const Walk& walk, Index first, Index last, double* total) {
  const bool along_row = walk.inner_step().a == 0;
  walk.rows(first, last, [&](const Walk::Place& at, Index n) {
    const Real* __restrict from = x + at.whole;
    double* __restrict to = total + at.a;
    if (along_row) {
      *to += sum(from, n);
    } else {
      for (Index i = 0; i < n; ++i) to[i] += static_cast<double>(from[i]);
    }
  });
}

}  // namespace

void sum_to(const Real* x, const Shape& x_shape, Real scale, Real* out, const Shape& out_shape) {
  const Index size = out_shape.size();
  if (x_shape.size() == 0) {
    std::fill_n(out, size, Real(0));
    return;
  }
  const Walk walk(x_shape, out_shape, {});
  // Parts of an axis that is summed over add to totals of their own; those of an axis that is kept add to different places of one.
  const Index grain = std::max(items_per_tile(walk.outer_size()), (walk.outer_extent() + 15) / 16);
  const bool shared = walk.outer_step().a != 0;
  const Index copies = shared ? 1 : (walk.outer_extent() + grain - 1) / grain;
  const Scratch<double> totals(static_cast<std::size_t>(size * copies));
  double* total = totals.data();
  std::fill_n(total, size * copies, 0.0);
  for_tiles(walk.outer_extent(), grain,
            [&](Index first, Index last) { add_part(x, walk, first, last, total + (shared ? 0 : first / grain * size)); });
  for (Index copy = 1; copy < copies; ++copy) {
    for (Index i = 0; i < size; ++i) total[i] += total[copy * size + i];
  }
  for (Index i = 0; i < size; ++i) out[i] = static_cast<Real>(static_cast<double>(scale) * total[i]);
}

void max_to(const Real* x, const Shape& x_shape, Real* out, Index* place, const Shape& out_shape) {
  const Walk walk(x_shape, out_shape, {});
  std::fill_n(place, out_shape.size(), Index{-1});
  walk.rows(0, walk.outer_extent(), [&](const Walk::Place& at, Index n) {
    for (Index i = 0; i < n; ++i) {
      const Index to = at.a + i * walk.inner_step().a;
      const Real value = x[at.whole + i];
      const bool first_nan = value != value && out[to] == out[to];
      if (place[to] < 0 || value > out[to] || first_nan) {
        out[to] = value;
        place[to] = at.whole + i;
      }
    }
  });
}

}  // namespace emotrain::kernels
