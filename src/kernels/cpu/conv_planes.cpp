#include "kernels/cpu/conv_planes.hpp"

#include "kernels/cpu/windows.hpp"

namespace emotrain::kernels {
namespace {

/// Rows of one channel: where they begin and how far they are apart.
struct Rows {
  Real* data;
  Index stride;
  Real* at(Index row, Index column) const { return data + row * stride + column; }
};
struct ConstRows {
  const Real* data;
  Index stride;
  const Real* at(Index row, Index column) const { return data + row * stride + column; }
};

/// `mask`: null, or as far from its beginning as `from` is from its own.
void copy_rows(ConstRows from, const Real* mask, Index rows, Index n, Rows to) {
  if (mask == nullptr) {
    cover(rows, n, [&](auto slice, Index i, Index j) { slice.put(to.at(i, j), slice.get(from.at(i, j))); });
  } else {
    const ConstRows test{mask, from.stride};
    cover(rows, n, [&](auto slice, Index i, Index j) {
      slice.put(to.at(i, j), where_positive(slice.get(test.at(i, j)), slice.get(from.at(i, j))));
    });
  }
}

/// Values go to the places that they were the maxima of.
void place_maxima(const Real* from, const Real* mask, const std::uint8_t* place, Index rows, Index n, Rows to) {
  cover(rows, n, [&](auto slice, Index i, Index j) {
    const Index at = i * n + j;
    const auto value = slice.get(from + at);
    spread(slice, mask == nullptr ? value : where_positive(slice.get(mask + at), value), place + at, to.at(2 * i, 2 * j),
           to.at(2 * i + 1, 2 * j));
  });
}

/// Deals rows of n columns out in turn to `even` and `odd`.
void split_rows(ConstRows from, const Real* mask, Index rows, Index n, Rows even, Rows odd) {
  const ConstRows test{mask, from.stride};
  const auto get = [&](auto slice, Index i, Index j) {
    const auto value = slice.get(from.at(i, j));
    return mask == nullptr ? value : where_positive(slice.get(test.at(i, j)), value);
  };
  cover(rows, n / 2, [&](auto slice, Index i, Index j) {
    const auto a = get(slice, i, 2 * j);
    const auto b = get(slice, i, 2 * j + slice.size);
    slice.put(even.at(i, j), even_lanes(a, b));
    slice.put(odd.at(i, j), odd_lanes(a, b));
  });
  if (n % 2 == 1) {
    for (Index i = 0; i < rows; ++i) *even.at(i, n / 2) = get(Slice<1>{}, i, n - 1)[0];
  }
}

template <class Value>
Value finished(Value sum, Real bias, bool relu) {
  sum += bias;
  return relu ? (sum < Value{} ? Value{} : sum) : sum;
}

/// to = from + bias, and what else `finish` says.
void finish_rows(ConstRows from, Real bias, const Finish& finish, Index rows, Index n, Rows to) {
  if (finish.accumulate) {
    for (Index i = 0; i < rows; ++i) {
      for_each_vector(
          n, [&](Index j, auto get, auto put) { put(to.at(i, j), get(to.at(i, j)) + finished(get(from.at(i, j)), bias, finish.relu)); });
    }
  } else {
    cover(rows, n, [&](auto slice, Index i, Index j) { slice.put(to.at(i, j), finished(slice.get(from.at(i, j)), bias, finish.relu)); });
  }
}

/// The maxima of the windows in rows of `from`, with their places; bias and relu as above.
void finish_maxima(ConstRows from, Real bias, bool relu, Index rows, Index n, Real* to, std::uint8_t* place) {
  cover(rows, n, [&](auto slice, Index i, Index j) {
    const auto get = [&](const Real* at) { return slice.get(at) + bias; };
    const auto top = pool(slice, from.at(2 * i, 2 * j), from.at(2 * i + 1, 2 * j), get, place + i * n + j);
    slice.put(to + i * n + j, finished(top, Real(0), relu));
  });
}

/// The same where the columns come in turn from `even` and `odd`.
void join_rows(ConstRows even, ConstRows odd, Real bias, const Finish& finish, Index rows, Index n, Rows to) {
  cover(rows, n / 2, [&](auto slice, Index i, Index j) {
    const auto a = finished(slice.get(even.at(i, j)), bias, finish.relu);
    const auto b = finished(slice.get(odd.at(i, j)), bias, finish.relu);
    slice.put(to.at(i, 2 * j), interleave_low(a, b));
    slice.put(to.at(i, 2 * j + slice.size), interleave_high(a, b));
  });
  if (n % 2 == 1) {
    for (Index i = 0; i < rows; ++i) *to.at(i, n - 1) = finished(Slice<1>::get(even.at(i, n / 2)), bias, finish.relu)[0];
  }
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
  for (Index py = 0; py < s.stride; ++py) {
    const Index top = planes.y.first(py);
    const Index rows = planes.y.last(py) - top;
    for (Index c = 0; c < s.channels; ++c) {
      const Index at = (c * s.height + s.stride * top + py - s.padding) * s.width;
      const ConstRows from{image + at, s.stride * s.width};
      const Real* test = mask != nullptr ? mask + at : nullptr;
      // Column x of the image is place (x + padding) / stride of phase (x + padding) % stride.
      const auto phase = [&](Index x) {
        const Index px = (x + s.padding) % s.stride;
        return Rows{
            scratch + (c * planes.phases() + py * s.stride + px) * planes.plane_stride() + top * planes.pitch + (x + s.padding) / s.stride,
            planes.pitch};
      };
      if (s.stride == 1) {
        copy_rows(from, test, rows, s.width, phase(0));
      } else if (s.stride == 2 && s.width > 1) {
        split_rows(from, test, rows, s.width, phase(0), phase(1));
      } else {
        for (Index x = 0; x < s.width; ++x) {
          const Rows to = phase(x);
          for (Index i = 0; i < rows; ++i) *to.at(i, 0) = test == nullptr || test[i * from.stride + x] > 0 ? *from.at(i, x) : Real(0);
        }
      }
    }
  }
}

void place_grid(const ConvPlanes& planes, const Real* grid, const Real* mask, const std::uint8_t* place, Real* scratch) {
  const ConvShape& s = planes.shape;
  for (Index f = 0; f < s.filters; ++f) {
    const Rows to{scratch + f * planes.plane_stride() + planes.origin, planes.pitch};
    if (place != nullptr) {
      const Index at = f * s.maxima();
      place_maxima(grid + at, mask != nullptr ? mask + at : nullptr, place + at, s.grid_height / 2, s.grid_width / 2, to);
    } else {
      const Index at = f * s.grid_height * s.grid_width;
      copy_rows({grid + at, s.grid_width}, mask != nullptr ? mask + at : nullptr, s.grid_height, s.grid_width, to);
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
    const ConstRows from{product + f * ldc, planes.pitch};
    if (finish.place != nullptr) {
      const Index at = f * s.maxima();
      finish_maxima(from, bias, finish.relu, s.grid_height / 2, s.grid_width / 2, grid + at, finish.place + at);
    } else {
      finish_rows(from, bias, finish, s.grid_height, s.grid_width, {grid + f * s.grid_height * s.grid_width, s.grid_width});
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
  const Index ldc = row_length(planes.plane);
  const Real* weights = weights_.data();
  const Index* offsets = offsets_.data();
  for (Index py = 0; py < s.stride; ++py) {
    const Index top = planes.y.first(py);
    const Index rows = planes.y.last(py) - top;
    for (Index px = 0; px < s.stride; ++px) {
      const Index depth = s.filters * planes.y.taps(py) * planes.x.taps(px);
      const Index left = planes.x.first(px);
      const Index columns = planes.x.last(px) - left;
      if (rows > 0 && columns > 0) {
        const Real* base = grid_scratch + planes.origin + top * planes.pitch + left;
        shifted_product(s.channels, (rows - 1) * planes.pitch + columns, depth, {weights, depth, 1}, base, offsets,
                        product + px * s.channels * ldc, ldc);
      }
      weights += s.channels * depth;
      offsets += depth;
    }
    join(planes, finish, product, rows, image + (s.stride * top + py - s.padding) * s.width);
  }
}

/// Rows of one vertical phase from the products of its horizontal phases; `image`: its first row.
void SpreadPlan::join(const ConvPlanes& planes, const Finish& finish, const Real* product, Index rows, Real* image) {
  const ConvShape& s = planes.shape;
  const Index ldc = row_length(planes.plane);
  for (Index c = 0; c < s.channels; ++c) {
    const Real bias = finish.bias != nullptr ? finish.bias[c] : Real(0);
    const Rows to{image + c * s.height * s.width, s.stride * s.width};
    const auto phase = [&](Index x) { return ConstRows{product + ((x + s.padding) % s.stride * s.channels + c) * ldc, planes.pitch}; };
    if (s.stride == 1) {
      finish_rows(phase(0), bias, finish, rows, s.width, to);
    } else if (s.stride == 2 && s.width > 1 && !finish.accumulate) {
      join_rows(phase(0), phase(1), bias, finish, rows, s.width, to);
    } else {
      for (Index x = 0; x < s.width; ++x) {
        const ConstRows from = phase(x);
        for (Index i = 0; i < rows; ++i) {
          finish_rows({from.at(i, x / s.stride), 0}, bias, finish, 1, 1, {to.at(i, x), 0});
        }
      }
    }
  }
}

}  // namespace emotrain::kernels
