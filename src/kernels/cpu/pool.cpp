#include "emotrain/kernels/pool.hpp"

#include "kernels/cpu/tiles.hpp"
#include "kernels/cpu/vector.hpp"

namespace emotrain::kernels {
namespace {

/// The rows or columns [first, last) of the image that a window covers.
struct Window {
  Index first, last;
};
Window window(Index number, const Pooling& p, Index extent) {
  const Index first = number * p.stride - p.padding;
  return {std::max<Index>(0, first), std::min(extent, first + p.kernel)};
}

/// Calls f(plane, row, column, number of the result) for every result of the planes [first, last).
template <class F>
void for_results(const Pooling& p, Index first, Index last, F&& f) {
  Index number = first * p.out_height * p.out_width;
  for (Index plane = first; plane < last; ++plane) {
    for (Index row = 0; row < p.out_height; ++row) {
      for (Index column = 0; column < p.out_width; ++column) f(plane, window(row, p, p.height), window(column, p, p.width), number++);
    }
  }
}

template <class F>
void for_tiles_of_planes(const Pooling& p, F&& f) {
  for_tiles(p.planes, items_per_tile(p.height * p.width), f);
}

/// Averages of windows of 2x2 that do not overlap, and back.
void average_2x2(const Real* x, Real* y, const Pooling& p, Index plane) {
  const Real* image = x + plane * p.height * p.width;
  Real* results = y + plane * p.out_height * p.out_width;
  cover(p.out_height, p.out_width, [&](auto slice, Index row, Index column) {
    const Real* upper = image + 2 * (row * p.width + column);
    const auto first = slice.get(upper) + slice.get(upper + p.width);
    const auto second = slice.get(upper + slice.size) + slice.get(upper + p.width + slice.size);
    slice.put(results + row * p.out_width + column, (even_lanes(first, second) + odd_lanes(first, second)) * Real(0.25));
  });
}

void spread_2x2(const Real* g, Real* dx, const Pooling& p, Index plane) {
  Real* image = dx + plane * p.height * p.width;
  const Real* results = g + plane * p.out_height * p.out_width;
  cover(p.out_height, p.out_width, [&](auto slice, Index row, Index column) {
    const auto share = slice.get(results + row * p.out_width + column) * Real(0.25);
    Real* upper = image + 2 * (row * p.width + column);
    for (Real* line : {upper, upper + p.width}) {
      slice.put(line, interleave_low(share, share));
      slice.put(line + slice.size, interleave_high(share, share));
    }
  });
}

}  // namespace

void max_pool(const Real* x, Real* y, std::int32_t* place, const Pooling& p) {
  for_tiles_of_planes(p, [&](Index begin, Index end) {
    for_results(p, begin, end, [&](Index plane, const Window& rows, const Window& columns, Index number) {
      const Real* image = x + plane * p.height * p.width;
      Index best = rows.first * p.width + columns.first;
      for (Index row = rows.first; row < rows.last; ++row) {
        for (Index at = row * p.width + columns.first; at < row * p.width + columns.last; ++at) {
          const bool first_nan = image[at] != image[at] && image[best] == image[best];
          if (image[at] > image[best] || first_nan) best = at;
        }
      }
      y[number] = image[best];
      place[number] = static_cast<std::int32_t>(best);
    });
  });
}

void max_pool_backward(const Real* g, const std::int32_t* place, Real* dx, const Pooling& p) {
  for_tiles_of_planes(p, [&](Index begin, Index end) {
    const Index size = p.height * p.width;
    const Index results = p.out_height * p.out_width;
    std::fill(dx + begin * size, dx + end * size, Real(0));
    for (Index plane = begin; plane < end; ++plane) {
      for (Index i = plane * results; i < (plane + 1) * results; ++i) dx[plane * size + place[i]] += g[i];
    }
  });
}

void avg_pool(const Real* x, Real* y, const Pooling& p) {
  const Real factor = Real(1) / static_cast<Real>(p.kernel * p.kernel);
  for_tiles_of_planes(p, [&](Index begin, Index end) {
    if (p.is_2x2()) {
      for (Index plane = begin; plane < end; ++plane) average_2x2(x, y, p, plane);
      return;
    }
    for_results(p, begin, end, [&](Index plane, const Window& rows, const Window& columns, Index number) {
      Real total = 0;
      for (Index row = rows.first; row < rows.last; ++row) {
        const Real* line = x + (plane * p.height + row) * p.width;
        for (Index column = columns.first; column < columns.last; ++column) total += line[column];
      }
      y[number] = factor * total;
    });
  });
}

void avg_pool_backward(const Real* g, Real* dx, const Pooling& p) {
  const Real factor = Real(1) / static_cast<Real>(p.kernel * p.kernel);
  for_tiles_of_planes(p, [&](Index begin, Index end) {
    const Index size = p.height * p.width;
    std::fill(dx + begin * size, dx + end * size, Real(0));
    if (p.is_2x2()) {
      for (Index plane = begin; plane < end; ++plane) spread_2x2(g, dx, p, plane);
      return;
    }
    for_results(p, begin, end, [&](Index plane, const Window& rows, const Window& columns, Index number) {
      const Real share = factor * g[number];
      for (Index row = rows.first; row < rows.last; ++row) {
        Real* line = dx + (plane * p.height + row) * p.width;
        for (Index column = columns.first; column < columns.last; ++column) line[column] += share;
      }
    });
  });
}

void upsample(const Real* x, Real* y, Index planes, Index height, Index width, Index factor) {
  const Index out_width = width * factor;
  for_tiles(planes * height, items_per_tile(out_width * factor), [&](Index first, Index last) {
    for (Index row = first; row < last; ++row) {
      const Real* __restrict from = x + row * width;
      Real* __restrict to = y + row * factor * out_width;
      if (factor == 2) {  // known to the compiler, so that it vectorises
        for (Index i = 0; i < width; ++i) to[2 * i] = to[2 * i + 1] = from[i];
      } else {
        for (Index i = 0; i < width; ++i) std::fill_n(to + i * factor, factor, from[i]);
      }
      for (Index copy = 1; copy < factor; ++copy) std::copy_n(to, out_width, to + copy * out_width);
    }
  });
}

void upsample_backward(const Real* g, Real* dx, Index planes, Index height, Index width, Index factor) {
  const Index out_width = width * factor;
  for_tiles(planes * height, items_per_tile(out_width * factor), [&](Index first, Index last) {
    for (Index row = first; row < last; ++row) {
      Real* __restrict to = dx + row * width;
      std::fill_n(to, width, Real(0));
      for (Index copy = 0; copy < factor; ++copy) {
        const Real* __restrict from = g + (row * factor + copy) * out_width;
        if (factor == 2) {
          for (Index i = 0; i < width; ++i) to[i] += from[2 * i] + from[2 * i + 1];
        } else {
          for (Index i = 0; i < width; ++i) {
            for (Index j = 0; j < factor; ++j) to[i] += from[i * factor + j];
          }
        }
      }
    }
  });
}

}  // namespace emotrain::kernels
