#pragma once
#include <cstdint>

#include "emotrain/core/real.hpp"

/// Convolution and its transpose, one geometry for both: an *image* (the larger side) and a *grid* (one point per position of the
/// kernel). conv2d reads the image and writes the grid; conv_transpose2d reads the grid and writes the image; each one's backward pass
/// is made of the same three products. All arrays are NCHW and contiguous.
namespace emotrain::kernels {

struct ConvShape {
  Index batch;
  /// Of the image.
  Index channels, height, width;
  /// Of the grid.
  Index filters, grid_height, grid_width;
  Index kernel_height, kernel_width;
  Index stride, padding;

  Index image_size() const { return channels * height * width; }
  Index grid_size() const { return filters * grid_height * grid_width; }
  /// Number of windows of 2x2 in one filter's grid.
  Index maxima() const { return (grid_height / 2) * (grid_width / 2); }
  Index weight_size() const { return filters * channels * kernel_height * kernel_width; }
};

/// Where to write; nothing if data is null.
struct Destination {
  Real* data = nullptr;
  bool accumulate = false;
};

/// grid[f] = sum_{c,i,j} weight[f,c,i,j] image[c, stride y + i - padding, ...] + bias[f], then max(0, .) if relu. bias may be null.
/// If `place` is not null, grid gets only the maxima of its windows of 2x2, and place what max_pool_2x2 writes there.
void conv2d(const ConvShape& shape, const Real* image, const Real* weight, const Real* bias, bool relu, Real* grid,
            std::uint8_t* place = nullptr);

/// Gradients of conv2d. `mask`: the result of the forward pass if it had relu (the gradient counts where it is positive), else null.
/// `place`: null, or what the forward pass wrote there.
void conv2d_backward(const ConvShape& shape, const Real* image, const Real* weight, const Real* mask, const Real* d_grid,
                     Destination d_image, Destination d_weight, Destination d_bias, const std::uint8_t* place = nullptr);

/// image[c, y, x] = sum over the grid points and kernel places that meet at (y, x) of weight[f,c,i,j] grid[f] + bias[c], then relu.
void conv_transpose2d(const ConvShape& shape, const Real* grid, const Real* weight, const Real* bias, bool relu, Real* image);

void conv_transpose2d_backward(const ConvShape& shape, const Real* grid, const Real* weight, const Real* mask, const Real* d_image,
                               Destination d_grid, Destination d_weight, Destination d_bias);

}  // namespace emotrain::kernels
