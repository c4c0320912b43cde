#include <cmath>

#include "emotrain/core/buffer.hpp"
#include "emotrain/kernels/losses.hpp"
#include "emotrain/kernels/reduce.hpp"
#include "kernels/cpu/array.hpp"
#include "kernels/cpu/sums.hpp"
#include "kernels/cpu/tiles.hpp"

namespace emotrain::kernels {
namespace {

/// y = x - max x.
void shift_row(const Real* __restrict x, Real* __restrict y, Index n) {
  constexpr Index lanes = 16;
  Real top = x[0];
  if (n >= lanes) {
    Real lane[lanes];
    for (Index j = 0; j < lanes; ++j) lane[j] = x[j];
    for (Index i = lanes; i < n; i += lanes) {
      const Index from = std::min(i, n - lanes);  // the last step looks at some values twice
      for (Index j = 0; j < lanes; ++j) lane[j] = x[from + j] > lane[j] ? x[from + j] : lane[j];
    }
    for (const Real value : lane) top = value > top ? value : top;
  } else {
    for (Index i = 1; i < n; ++i) top = x[i] > top ? x[i] : top;
  }
  for (Index i = 0; i < n; ++i) y[i] = x[i] - top;
}

/// Rows of the blocks in which small rows are handled, so that exp and log get many values at once.
constexpr Index block_rows = 64;

template <class F>
void for_blocks_of_rows(Index rows, Index columns, F&& f) {
  const Index grain = std::max(block_rows, items_per_tile(columns) / block_rows * block_rows);
  for_tiles(rows, grain, [&](Index first, Index last) {
    for (Index row = first; row < last; row += block_rows) f(row, std::min(block_rows, last - row));
  });
}

}  // namespace

void softmax(const Real* x, Real* y, Index rows, Index columns) {
  for_blocks_of_rows(rows, columns, [&](Index first, Index count) {
    for (Index row = first; row < first + count; ++row) shift_row(x + row * columns, y + row * columns, columns);
    Array e(y + first * columns, count * columns);
    e = e.exp();
    for (Index row = first; row < first + count; ++row) {
      Real* out = y + row * columns;
      const auto factor = static_cast<Real>(1 / sum(out, columns));
      for (Index i = 0; i < columns; ++i) out[i] *= factor;
    }
  });
}

void log_softmax(const Real* x, Real* y, Index rows, Index columns) {
  for_blocks_of_rows(rows, columns, [&](Index first, Index count) {
    const Scratch<Real> e(static_cast<std::size_t>(count * columns));
    for (Index row = 0; row < count; ++row) shift_row(x + (first + row) * columns, y + (first + row) * columns, columns);
    Array(e.data(), count * columns) = ConstArray(y + first * columns, count * columns).exp();
    for (Index row = 0; row < count; ++row) {
      Real* out = y + (first + row) * columns;
      const auto log_sum = static_cast<Real>(std::log(sum(e.data() + row * columns, columns)));
      for (Index i = 0; i < columns; ++i) out[i] -= log_sum;
    }
  });
}

void softmax_backward(const Real* y, const Real* g, Real* dx, Index rows, Index columns) {
  for_tiles(rows, items_per_tile(columns), [&](Index first, Index last) {
    for (Index row = first; row < last; ++row) {
      const Real* __restrict p = y + row * columns;
      const Real* __restrict up = g + row * columns;
      Real* __restrict out = dx + row * columns;
      const auto dot = static_cast<Real>(sum_of(columns, [p, up](Index i) { return p[i] * up[i]; }));
      for (Index i = 0; i < columns; ++i) out[i] = p[i] * (up[i] - dot);
    }
  });
}

void log_softmax_backward(const Real* y, const Real* g, Real* dx, Index rows, Index columns) {
  for_tiles(rows, items_per_tile(columns), [&](Index first, Index last) {
    for (Index row = first; row < last; ++row) {
      const ConstArray up(g + row * columns, columns);
      const auto total = static_cast<Real>(sum(up.data(), columns));
      Array(dx + row * columns, columns) = up - total * ConstArray(y + row * columns, columns).exp();
    }
  });
}

double cross_entropy(const Real* logits, const std::int32_t* labels, Index rows, Index classes, double smoothing, Real* value,
                     Real* by_logits) {
  const auto hit = static_cast<Real>(1 - smoothing);
  const auto miss = static_cast<Real>(smoothing / static_cast<double>(classes));
  const Scratch<double> sums(static_cast<std::size_t>(rows / block_rows + 1));
  for_blocks_of_rows(rows, classes, [&](Index first, Index count) {
    alignas(register_bytes) Real log_sum[block_rows];
    Real direct[block_rows];
    Real* z = by_logits + first * classes;
    for (Index row = 0; row < count; ++row) {
      Real* shifted = z + row * classes;
      shift_row(logits + (first + row) * classes, shifted, classes);
      direct[row] = hit * shifted[labels[first + row]];
      if (miss != 0) direct[row] += miss * static_cast<Real>(sum(shifted, classes));
    }
    Array(z, count * classes) = Array(z, count * classes).exp();
    for (Index row = 0; row < count; ++row) {
      Real* p = z + row * classes;
      log_sum[row] = static_cast<Real>(sum(p, classes));
      const Real factor = 1 / log_sum[row];
      for (Index i = 0; i < classes; ++i) p[i] = p[i] * factor - miss;
      p[labels[first + row]] -= hit;
    }
    Array(log_sum, count) = Array(log_sum, count).log();
    for (Index row = 0; row < count; ++row) log_sum[row] -= direct[row];
    if (value != nullptr) std::copy_n(log_sum, count, value + first);
    sums[static_cast<std::size_t>(first / block_rows)] = sum(log_sum, count);
  });
  return sum_of((rows + block_rows - 1) / block_rows, [&](Index i) { return sums[static_cast<std::size_t>(i)]; });
}

}  // namespace emotrain::kernels
