#include "kernels/cpu/conv_planes.hpp"

namespace emotrain::kernels {
namespace {

void copy_row(const Real* from, const Real* mask, Index n, Real* to) {
  if (mask == nullptr) {
    cover(n, [&](auto slice, Index j) { slice.put(to + j, slice.get(from + j)); });
  } else {
    cover(n, [&](auto slice, Index j) { slice.put(to + j, where_positive(slice.get(mask + j), slice.get(from + j))); });
  }
}

/// to[j] = from[j] + bias, and what else `finish` says.
void finish_row(const Real* from, Real bias, const Finish& finish, Index n, Real* to) {
  if (finish.accumulate) {
    for_each_vector(n, [&](Index j, auto get, auto put) { put(to + j, get(to + j) + get(from + j) + broadcast(bias)); });
  } else if (finish.relu) {
    cover(n, [&](auto slice, Index j) {
      const auto value = slice.get(from + j) + bias;
      const auto zero = typename decltype(slice)::Type{};
      slice.put(to + j, value < zero ? zero : value);
    });
  } else {
    cover(n, [&](auto slice, Index j) { slice.put(to + j, slice.get(from + j) + bias); });
  }
}

/// Deals a row out to its phases: column x goes to place x / stride of phase (x + padding) % stride; phases are `distance` apart.
void split_row(const Real* row, Index n, Index stride, Index padding, Index distance, const Index* first, Real* to) {
  if (stride == 2) {
    Real* even = to + padding % 2 * distance + first[padding % 2];
    Real* odd = to + (1 - padding % 2) * distance + first[1 - padding % 2];
    cover(n / 2, [&](auto slice, Index j) {
      const auto a = slice.get(row + 2 * j);
      const auto b = slice.get(row + 2 * j + slice.size);
      slice.put(even + j, even_lanes(a, b));
      slice.put(odd + j, odd_lanes(a, b));
    });
    if (n % 2 == 1) even[n / 2] = row[n - 1];
    return;
  }
  for (Index x = 0; x < n; ++x) {
    const Index phase = (x + padding) % stride;
    to[phase * distance + first[phase] + x / stride] = row[x];
  }
}

/// The inverse: column x comes from place x / stride of phase (x + padding) % stride.
void join_row(const Real* from, Index distance, Index stride, Index padding, Index n, Real* row) {
  if (stride == 2) {
    const Real* even = from + padding % 2 * distance;
    const Real* odd = from + (1 - padding % 2) * distance;
    cover(n / 2, [&](auto slice, Index j) {
      const auto a = slice.get(even + j);
      const auto b = slice.get(odd + j);
      slice.put(row + 2 * j, interleave_low(a, b));
      slice.put(row + 2 * j + slice.size, interleave_high(a, b));
    });
    if (n % 2 == 1) row[n - 1] = even[n / 2];
    return;
  }
  for (Index x = 0; x < n; ++x) row[x] = from[(x + padding) % stride * distance + x / stride];
}

/// c (rows, columns) = a · b where row k of b begins at base + offsets[k]; whole registers are written.
void shifted_product(Index rows, Index columns, Index depth, const Matrix& a, const Real* base, const Index* offsets, Real* c, Index ldc) {
  const Parts blocks(rows, max_tile_rows);
  const Index tallest = (rows + blocks.count - 1) / blocks.count;
  const Parts panels((columns + lanes - 1) / lanes, tile_vectors_for(static_cast<int>(tallest)));
  for (Index panel = 0; panel < panels.count; ++panel) {
    const Index first = panels.begin(panel) * lanes;
    for (Index block = 0; block < blocks.count; ++block) {
      const Index row = blocks.begin(block);
      const Index vectors = panels.size(panel);
      tile_of<ShiftedRows>(blocks.size(block), vectors)(depth, {a.data + row * a.row, a.row, a.column}, {base + first, offsets},
                                                        c + row * ldc + first, ldc, vectors * lanes, nullptr, {});
    }
  }
}

}  // namespace

void place_image(const ConvPlanes& planes, const Real* image, const Real* mask, Real* scratch) {
  const ConvShape& s = planes.shape;
  const Scratch<Real> row(static_cast<std::size_t>(row_length(s.width)));
  const Scratch<Index> first(static_cast<std::size_t>(s.stride));
  for (Index px = 0; px < s.stride; ++px) first.data()[px] = planes.x.first(px);
  for (Index c = 0; c < s.channels; ++c) {
    for (Index y = 0; y < s.height; ++y) {
      const Index at = (c * s.height + y) * s.width;
      const Index py = (y + s.padding) % s.stride;
      Real* plane = scratch + (c * s.stride + py) * s.stride * planes.plane_stride() + (y + s.padding) / s.stride * planes.pitch;
      const Real* mask_row = mask != nullptr ? mask + at : nullptr;
      if (s.stride == 1) {
        copy_row(image + at, mask_row, s.width, plane + s.padding);
      } else {
        if (mask != nullptr) copy_row(image + at, mask_row, s.width, row.data());
        split_row(mask != nullptr ? row.data() : image + at, s.width, s.stride, s.padding, planes.plane_stride(), first.data(), plane);
      }
    }
  }
}

void place_grid(const ConvPlanes& planes, const Real* grid, const Real* mask, Real* scratch) {
  const ConvShape& s = planes.shape;
  for (Index f = 0; f < s.filters; ++f) {
    Real* plane = scratch + f * planes.plane_stride() + planes.origin;
    for (Index i = 0; i < s.grid_height; ++i) {
      const Index at = (f * s.grid_height + i) * s.grid_width;
      copy_row(grid + at, mask != nullptr ? mask + at : nullptr, s.grid_width, plane + i * planes.pitch);
    }
  }
}

void correlate(const ConvPlanes& planes, const Real* image_scratch, const Real* weight, const Index* offsets, const Finish& finish,
               Real* product, Real* grid) {
  const ConvShape& s = planes.shape;
  const Index ldc = row_length(planes.span);
  shifted_product(s.filters, planes.span, planes.depth(), {weight, planes.depth(), 1}, image_scratch, offsets, product, ldc);
  for (Index f = 0; f < s.filters; ++f) {
    const Real bias = finish.bias != nullptr ? finish.bias[f] : Real(0);
    for (Index i = 0; i < s.grid_height; ++i) {
      finish_row(product + f * ldc + i * planes.pitch, bias, finish, s.grid_width, grid + (f * s.grid_height + i) * s.grid_width);
    }
  }
}

SpreadPlan::SpreadPlan(const ConvPlanes& planes, const Real* weight)
    : weights_(static_cast<std::size_t>(planes.shape.weight_size())),
      offsets_(static_cast<std::size_t>(planes.shape.filters * planes.shape.kernel_height * planes.shape.kernel_width)) {
  const ConvShape& s = planes.shape;
  Real* to = weights_.data();
  Index* offset = offsets_.data();
  for (Index phase = 0; phase < planes.phases(); ++phase) {
    const Index py = phase / s.stride;
    const Index px = phase % s.stride;
    for (Index c = 0; c < s.channels; ++c) {
      for (Index f = 0; f < s.filters; ++f) {
        for (Index ky = py; ky < s.kernel_height; ky += s.stride) {
          for (Index kx = px; kx < s.kernel_width; kx += s.stride) {
            *to++ = weight[((f * s.channels + c) * s.kernel_height + ky) * s.kernel_width + kx];
            if (c == 0) *offset++ = f * planes.plane_stride() - ky / s.stride * planes.pitch - kx / s.stride;
          }
        }
      }
    }
  }
}

void SpreadPlan::spread(const ConvPlanes& planes, const Real* grid_scratch, const Finish& finish, Real* product, Real* image) const {
  const ConvShape& s = planes.shape;
  const Scratch<Real> joined(static_cast<std::size_t>(row_length(s.width)));
  const Index distance = s.channels * row_length(planes.plane);
  const Real* weights = weights_.data();
  const Index* offsets = offsets_.data();
  for (Index py = 0; py < s.stride; ++py) {
    const Index top = planes.y.first(py);
    const Index rows = planes.y.last(py) - top;
    const Index ldc = row_length(planes.plane);
    for (Index px = 0; px < s.stride; ++px) {
      const Index depth = s.filters * planes.y.taps(py) * planes.x.taps(px);
      const Index left = planes.x.first(px);
      const Index columns = planes.x.last(px) - left;
      if (rows > 0 && columns > 0) {
        const Real* base = grid_scratch + planes.origin + top * planes.pitch + left;
        shifted_product(s.channels, (rows - 1) * planes.pitch + columns, depth, {weights, depth, 1}, base, offsets, product + px * distance,
                        ldc);
      }
      weights += s.channels * depth;
      offsets += depth;
    }
    for (Index c = 0; c < s.channels; ++c) {
      const Real bias = finish.bias != nullptr ? finish.bias[c] : Real(0);
      for (Index i = 0; i < rows; ++i) {
        const Real* row = product + c * ldc + i * planes.pitch;
        if (s.stride > 1) join_row(row, distance, s.stride, s.padding, s.width, joined.data());
        finish_row(s.stride > 1 ? joined.data() : row, bias, finish, s.width,
                   image + (c * s.height + s.stride * (top + i) + py - s.padding) * s.width);
      }
    }
  }
}

}  // namespace emotrain::kernels
