#pragma once
#include "emotrain/core/tensor.hpp"
#include "emotrain/ops/matmul.hpp"

namespace emotrain::ops {

struct ConvOptions {
  Index stride = 1;
  Index padding = 0;
  /// Transposed convolution only: rows and columns added at the bottom and right of the result.
  Index output_padding = 0;
  /// conv2d only: max_pool2d of kernel and stride 2 behind it, done while the values are in the cache. Only the maxima are kept.
  bool max_pool = false;
};

/// activation(conv(x, weight) + bias), cross-correlation as in PyTorch: x (n, in, h, w), weight (out, in, kh, kw), bias (out) or undefined;
/// result (n, out, (h + 2 padding - kh) / stride + 1, ...).
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options,
              Activation activation = Activation::none);

/// The transpose (gradient) of conv2d: x (n, in, h, w), weight (in, out, kh, kw), bias (out) or undefined;
/// result (n, out, (h - 1) stride - 2 padding + kh + output_padding, ...).
Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options,
                        Activation activation = Activation::none);

}  // namespace emotrain::ops
