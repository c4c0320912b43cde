#include "emotrain/kernels/linear.hpp"

#include <algorithm>

#include "kernels/cpu/vector.hpp"

namespace emotrain::kernels {

void mask_and_sum(Index rows, Index columns, const Real* d, const Real* result, Real* masked, Real* sums, bool accumulate) {
  if (result == nullptr && sums == nullptr) return;
  // Blocks of columns keep the sums in a register while the rows pass.
  for_each_vector(columns, [&](Index first, auto get, auto put) {
    Vec total = {};
    for (Index i = 0; i < rows; ++i) {
      const Index at = i * columns + first;
      Vec value = get(d + at);
      if (result != nullptr) {
        value = where_positive(get(result + at), value);
        put(masked + at, value);
      }
      total += value;
    }
    if (sums != nullptr) put(sums + first, accumulate ? get(sums + first) + total : total);
  });
}

}  // namespace emotrain::kernels
