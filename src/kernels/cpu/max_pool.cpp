#include "emotrain/kernels/pool.hpp"
#include "kernels/cpu/tiles.hpp"
#include "kernels/cpu/windows.hpp"

namespace emotrain::kernels {

void max_pool_2x2(const Real* x, Real* y, std::uint8_t* place, const Pooling& p) {
  const Index results = p.out_height * p.out_width;
  for_tiles(p.planes, items_per_tile(p.height * p.width), [&](Index first, Index last) {
    for (Index plane = first; plane < last; ++plane) {
      const Real* image = x + plane * p.height * p.width;
      cover(p.out_height, p.out_width, [&](auto slice, Index row, Index column) {
        const Real* upper = image + 2 * (row * p.width + column);
        const Index to = plane * results + row * p.out_width + column;
        slice.put(y + to, pool(slice, upper, upper + p.width, slice.get, place + to));
      });
    }
  });
}

void max_pool_2x2_backward(const Real* g, const std::uint8_t* place, Real* dx, const Pooling& p) {
  const Index results = p.out_height * p.out_width;
  for_tiles(p.planes, items_per_tile(p.height * p.width), [&](Index first, Index last) {
    for (Index plane = first; plane < last; ++plane) {
      Real* image = dx + plane * p.height * p.width;
      // What no window covers.
      if (p.height % 2 != 0) std::fill_n(image + (p.height - 1) * p.width, p.width, Real(0));
      if (p.width % 2 != 0) {
        for (Index row = 0; row < p.height; ++row) image[(row + 1) * p.width - 1] = 0;
      }
      cover(p.out_height, p.out_width, [&](auto slice, Index row, Index column) {
        Real* upper = image + 2 * (row * p.width + column);
        const Index from = plane * results + row * p.out_width + column;
        spread(slice, slice.get(g + from), place + from, upper, upper + p.width);
      });
    }
  });
}

}  // namespace emotrain::kernels
