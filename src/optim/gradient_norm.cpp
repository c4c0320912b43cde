#include <algorithm>
#include <cmath>

#include "emotrain/core/buffer.hpp"
#include "emotrain/optim/rule.hpp"

namespace emotrain::optim {

double gradient_norm(const Tensor& parameter) {
  const Index size = parameter.size();
  const Index tiles = (size + tile_size - 1) / tile_size;
  const Scratch<double> sums(static_cast<std::size_t>(std::max<Index>(tiles, 1)));
  const Real* g = parameter.grad().data();
  run_tasks(tiles, size, [&](Index t) {
    const Index first = t * tile_size;
    sums.data()[t] = sum_of_squares(std::min(tile_size, size - first), g + first);
  });
  double sum = 0;
  for (Index t = 0; t < tiles; ++t) sum += sums.data()[t];
  return std::sqrt(sum);
}

}  // namespace emotrain::optim
