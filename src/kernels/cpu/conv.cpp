#include "emotrain/kernels/conv.hpp"

#include "emotrain/core/threads.hpp"
#include "kernels/cpu/conv_planes.hpp"

namespace emotrain::kernels {
namespace {

/// Samples are dealt out in chunks whose number depends on the batch alone; each chunk sums its part of the weight gradient.
Parts chunks_of(Index batch) {
  constexpr Index most_chunks = 8;
  return {batch, (batch + most_chunks - 1) / most_chunks};
}

Scratch<Real> zeros(Index count) {
  Scratch<Real> scratch(static_cast<std::size_t>(count));
  std::fill_n(scratch.data(), count, Real(0));
  return scratch;
}

Scratch<Index> tap_offsets(const ConvPlanes& planes) {
  Scratch<Index> offsets(static_cast<std::size_t>(planes.depth()));
  for (Index k = 0; k < planes.depth(); ++k) offsets.data()[k] = planes.tap_offset(k);
  return offsets;
}

/// sums[c] += the values of channel c of one sample that count.
void add_channel_sums(const Real* values, const Real* mask, Index channels, Index size, Real* sums) {
  for (Index c = 0; c < channels; ++c) {
    const Real* v = values + c * size;
    const Real* m = mask != nullptr ? mask + c * size : nullptr;
    Vec total = {};
    for_each_vector(size, [&](Index i, auto get, auto) { total += m == nullptr ? get(v + i) : where_positive(get(m + i), get(v + i)); });
    sums[c] += horizontal_sum(total);
  }
}

/// Per chunk: weight sums (depth, filters) and a bias gradient, added up in the order of the chunks at last.
class PartialSums {
 public:
  PartialSums(Index chunks, const ConvPlanes& planes, Index biases)
      : chunks_(chunks),
        depth_(planes.depth()),
        filters_(planes.shape.filters),
        row_(planes.filter_row()),
        stride_(row_length(depth_ * row_ + biases)),
        sums_(zeros(chunks * stride_)) {}
  Real* weights(Index chunk) { return sums_.data() + chunk * stride_; }
  Real* biases(Index chunk) { return weights(chunk) + depth_ * row_; }
  void add_up(Destination d_weight, Destination d_bias, Index biases) {
    Real* total = sums_.data();
    for (Index chunk = 1; chunk < chunks_; ++chunk) {
      const Real* more = weights(chunk);
      for (Index i = 0; i < stride_; ++i) total[i] += more[i];
    }
    if (d_weight.data != nullptr) {
      for (Index f = 0; f < filters_; ++f) write(d_weight, f * depth_, depth_, total + f, row_);
    }
    if (d_bias.data != nullptr) write(d_bias, 0, biases, this->biases(0), 1);
  }

 private:
  static void write(Destination to, Index at, Index n, const Real* from, Index stride) {
    for (Index i = 0; i < n; ++i) to.data[at + i] = (to.accumulate ? to.data[at + i] : Real(0)) + from[i * stride];
  }
  Index chunks_, depth_, filters_, row_, stride_;
  Scratch<Real> sums_;
};

template <class T>
T* at(T* base, Index offset) {
  return base != nullptr ? base + offset : nullptr;
}

}  // namespace

void conv2d(const ConvShape& shape, const Real* image, const Real* weight, const Real* bias, bool relu, Real* grid, std::uint8_t* place) {
  const Index results = shape.filters * (place != nullptr ? shape.maxima() : shape.grid_height * shape.grid_width);
  const ConvPlanes planes(shape);
  const auto offsets = tap_offsets(planes);
  const Parts chunks = chunks_of(shape.batch);
  parallel_for(chunks.count, [&](Index chunk) {
    const auto scratch = zeros(planes.image_scratch());
    const Scratch<Real> product(static_cast<std::size_t>(shape.filters * row_length(planes.span)));
    for (Index n = chunks.begin(chunk); n < chunks.begin(chunk + 1); ++n) {
      place_image(planes, image + n * shape.image_size(), nullptr, scratch.data());
      correlate(planes, scratch.data(), weight, offsets.data(), {bias, relu, false, at(place, n * results)}, product.data(),
                grid + n * results);
    }
  });
}

void conv_transpose2d(const ConvShape& shape, const Real* grid, const Real* weight, const Real* bias, bool relu, Real* image) {
  const ConvPlanes planes(shape);
  const SpreadPlan plan(planes, weight);
  const Parts chunks = chunks_of(shape.batch);
  parallel_for(chunks.count, [&](Index chunk) {
    const auto scratch = zeros(planes.grid_scratch());
    const Scratch<Real> product(static_cast<std::size_t>(shape.stride * shape.channels * row_length(planes.plane)));
    for (Index n = chunks.begin(chunk); n < chunks.begin(chunk + 1); ++n) {
      place_grid(planes, grid + n * shape.grid_size(), nullptr, nullptr, scratch.data());
      plan.spread(planes, scratch.data(), {bias, relu, false}, product.data(), image + n * shape.image_size());
    }
  });
}

void conv2d_backward(const ConvShape& shape, const Real* image, const Real* weight, const Real* mask, const Real* d_grid,
                     Destination d_image, Destination d_weight, Destination d_bias, const std::uint8_t* place) {
  const Index results = place != nullptr ? shape.maxima() : shape.grid_height * shape.grid_width;
  const Parts chunks = chunks_of(shape.batch);
  const ConvPlanes planes(shape);
  const auto offsets = tap_offsets(planes);
  const SpreadPlan plan(planes, weight);
  PartialSums sums(chunks.count, planes, shape.filters);
  parallel_for(chunks.count, [&](Index chunk) {
    const auto images = zeros(planes.image_scratch());
    const auto grids = zeros(planes.grid_scratch());
    const Scratch<Real> points(static_cast<std::size_t>(planes.point_scratch()));
    const Scratch<Real> product(static_cast<std::size_t>(shape.stride * shape.channels * row_length(planes.plane)));
    for (Index n = chunks.begin(chunk); n < chunks.begin(chunk + 1); ++n) {
      const Index from = n * shape.filters * results;
      place_grid(planes, d_grid + from, at(mask, from), at(place, from), grids.data());
      if (d_bias.data != nullptr) add_channel_sums(d_grid + from, at(mask, from), shape.filters, results, sums.biases(chunk));
      if (d_image.data != nullptr) {
        plan.spread(planes, grids.data(), {nullptr, false, d_image.accumulate}, product.data(), d_image.data + n * shape.image_size());
      }
      if (d_weight.data != nullptr) {
        place_image(planes, image + n * shape.image_size(), nullptr, images.data());
        correlate_weights(planes, images.data(), grids.data(), offsets.data(), points.data(), sums.weights(chunk));
      }
    }
  });
  sums.add_up(d_weight, d_bias, shape.filters);
}

void conv_transpose2d_backward(const ConvShape& shape, const Real* grid, const Real* weight, const Real* mask, const Real* d_image,
                               Destination d_grid, Destination d_weight, Destination d_bias) {
  const Parts chunks = chunks_of(shape.batch);
  const ConvPlanes planes(shape);
  const auto offsets = tap_offsets(planes);
  PartialSums sums(chunks.count, planes, shape.channels);
  parallel_for(chunks.count, [&](Index chunk) {
    const auto images = zeros(planes.image_scratch());
    const auto grids = zeros(planes.grid_scratch());
    const Scratch<Real> points(static_cast<std::size_t>(planes.point_scratch()));
    const Scratch<Real> product(static_cast<std::size_t>(shape.filters * row_length(planes.span)));
    for (Index n = chunks.begin(chunk); n < chunks.begin(chunk + 1); ++n) {
      const Index from = n * shape.image_size();
      const Index grid_from = n * shape.grid_size();
      place_image(planes, d_image + from, at(mask, from), images.data());
      if (d_bias.data != nullptr)
        add_channel_sums(d_image + from, at(mask, from), shape.channels, shape.height * shape.width, sums.biases(chunk));
      if (d_grid.data != nullptr) {
        correlate(planes, images.data(), weight, offsets.data(), {nullptr, false, d_grid.accumulate}, product.data(),
                  d_grid.data + grid_from);
      }
      if (d_weight.data != nullptr) {
        place_grid(planes, grid + grid_from, nullptr, nullptr, grids.data());
        correlate_weights(planes, images.data(), grids.data(), offsets.data(), points.data(), sums.weights(chunk));
      }
    }
  });
  sums.add_up(d_weight, d_bias, shape.channels);
}

}  // namespace emotrain::kernels
