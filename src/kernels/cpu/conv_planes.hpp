#pragma once
#include <algorithm>

#include "emotrain/core/buffer.hpp"
#include "emotrain/kernels/conv.hpp"
#include "kernels/cpu/tile.hpp"

/// How images and grids lie in scratch memory so that every kernel place is a plain shift: rows of one common pitch, zeros around them. An
/// image is split into stride x stride phase planes, (y, x) = (stride i + phase_y, stride j + phase_x) in padded coordinates; then the
/// place (ky, kx) of grid point (i, j) is element (i + ky / stride, j + kx / stride) of plane (ky % stride, kx % stride). The zeros to the
/// right of a row are those to the left of the next one.
namespace emotrain::kernels {

/// Values per row of a product of `columns` columns, filled up to whole registers.
constexpr Index row_length(Index columns) { return (columns + lanes - 1) / lanes * lanes; }

/// One axis of the geometry.
struct ConvAxis {
  Index image, grid, kernel, stride, padding;

  /// Number of kernel places that fall on a phase.
  Index taps(Index phase) const { return phase < kernel ? (kernel - phase + stride - 1) / stride : 0; }
  /// Plane coordinates [first, last) of the image's points on a phase.
  Index first(Index phase) const { return (std::max<Index>(padding - phase, 0) + stride - 1) / stride; }
  Index last(Index phase) const { return image + padding > phase ? (image - 1 + padding - phase) / stride + 1 : 0; }
  /// Zeros needed before and after the grid's points so that every tap of every image point reads something.
  Index before() const {
    Index most = 0;
    for (Index phase = 0; phase < stride; ++phase) most = std::max(most, taps(phase) - 1 - first(phase));
    return most;
  }
  Index after() const {
    Index most = 0;
    for (Index phase = 0; phase < stride; ++phase) most = std::max(most, last(phase) - grid);
    return most;
  }
  /// Distance of neighbours (rows in a plane, and planes): what lies behind one is what lies before the next.
  Index shared_extent() const { return std::max((image + padding + stride - 1) / stride, grid + std::max(before(), after())); }
};

struct ConvPlanes {
  ConvShape shape;
  ConvAxis y, x;
  /// Of one sample's plane.
  Index pitch, plane;
  /// Position of grid point (0, 0) in its plane.
  Index origin;
  /// Flattened grid positions from the first to the last point.
  Index span;

  explicit ConvPlanes(const ConvShape& conv)
      : shape(conv),
        y{conv.height, conv.grid_height, conv.kernel_height, conv.stride, conv.padding},
        x{conv.width, conv.grid_width, conv.kernel_width, conv.stride, conv.padding},
        pitch(x.shared_extent()),
        plane(y.shared_extent() * pitch),
        origin(row_length(y.before() * pitch + x.before())),
        span((conv.grid_height - 1) * pitch + conv.grid_width) {}

  Index phases() const { return shape.stride * shape.stride; }
  Index depth() const { return shape.channels * shape.kernel_height * shape.kernel_width; }
  /// Distance between phase planes of the image, and between filters of the grid: behind the sample come zeros for the places that
  /// reach below it, and for whole registers.
  Index plane_stride() const { return origin + row_length(plane + (y.taps(0) + 1) * pitch) + lanes; }
  static constexpr Index slack = max_tile_vectors * lanes;
  Index image_scratch() const { return shape.channels * phases() * plane_stride() + slack; }
  Index grid_scratch() const { return shape.filters * plane_stride() + slack; }

  /// Values per row of weight sums, which lie as (depth, filters), and of the points that they are made of.
  Index filter_row() const { return row_length(shape.filters); }
  Index point_scratch() const { return row_length(span) * filter_row(); }

  /// Of row k = (c, ky, kx) of the weights in an image's scratch, relative to the sample's first element.
  Index tap_offset(Index k) const {
    const Index places = shape.kernel_height * shape.kernel_width;
    const Index c = k / places;
    const Index ky = k % places / shape.kernel_width;
    const Index kx = k % shape.kernel_width;
    const Index phase = ky % shape.stride * shape.stride + kx % shape.stride;
    return (c * phases() + phase) * plane_stride() + ky / shape.stride * pitch + kx / shape.stride;
  }
};

/// Copies one sample into scratch that is zero wherever no sample is ever written; values count where `mask`, if given, is positive.
/// `place`: null, or the grid's values (and the mask) are those of maxima, and these are their places.
void place_image(const ConvPlanes& planes, const Real* image, const Real* mask, Real* scratch);
void place_grid(const ConvPlanes& planes, const Real* grid, const Real* mask, const std::uint8_t* place, Real* scratch);

/// What is done to values on their way from a product to NCHW memory.
struct Finish {
  const Real* bias = nullptr;
  bool relu = false;
  bool accumulate = false;
  /// If not null, only the maxima of windows of 2x2 are kept, and here their places. Not with `accumulate`.
  std::uint8_t* place = nullptr;
};

/// image scratch -> one sample of the grid. `offsets`: tap_offset of each k. `product`: filters x row_length(span) values.
void correlate(const ConvPlanes& planes, const Real* image_scratch, const Real* weight, const Index* offsets, const Finish& finish,
               Real* product, Real* grid);

/// The weights and offsets of the transposed product, regrouped by phase.
class SpreadPlan {
 public:
  SpreadPlan(const ConvPlanes& planes, const Real* weight);
  /// grid scratch -> one sample of the image. `product`: stride x channels x row_length(plane) values.
  void spread(const ConvPlanes& planes, const Real* grid_scratch, const Finish& finish, Real* product, Real* image) const;

 private:
  static void join(const ConvPlanes& planes, const Finish& finish, const Real* product, Index rows, Real* image);
  Scratch<Real> weights_;
  Scratch<Index> offsets_;
};

/// sums (depth, filter_row) += sum over the grid points of image[k] * grid[f]. `points`: point_scratch() values.
void correlate_weights(const ConvPlanes& planes, const Real* image_scratch, const Real* grid_scratch, const Index* offsets, Real* points,
                       Real* sums);

}  // namespace emotrain::kernels
