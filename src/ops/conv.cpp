#include "emotrain/ops/conv.hpp"

#include <algorithm>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/kernels/conv.hpp"

namespace emotrain::ops {
namespace {

void check(const char* op, const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options, int in_axis) {
  if (x.rank() != 4 || weight.rank() != 4)
    fail(ErrorKind::shape, "[{}] wants x (n,c,h,w) and a weight of 4 axes, got {} and {}", op, x.shape(), weight.shape());
  if (x.size() == 0 || weight.size() == 0)
    fail(ErrorKind::shape, "[{}] x {} and weight {}: no extent may be 0", op, x.shape(), weight.shape());
  if (x.shape()[1] != weight.shape()[in_axis]) {
    fail(ErrorKind::shape, "[{}] x {} has {} channels, weight {} takes {}", op, x.shape(), x.shape()[1], weight.shape(),
         weight.shape()[in_axis]);
  }
  if (bias.defined() && bias.shape() != Shape{weight.shape()[1 - in_axis]}) {
    fail(ErrorKind::shape, "[{}] bias {} does not fit weight {}: one value per output channel", op, bias.shape(), weight.shape());
  }
  if (options.stride < 1 || options.padding < 0 || options.output_padding < 0 ||
      (options.output_padding > 0 && options.output_padding >= options.stride)) {
    fail(ErrorKind::shape, "[{}] stride {}, padding {}, output_padding {}: want stride >= 1, padding >= 0, output_padding < stride", op,
         options.stride, options.padding, options.output_padding);
  }
}

kernels::Destination destination(const Tensor& tensor) {
  if (!tensor.defined() || !tensor.requires_grad()) return {};
  const auto sink = tensor.grad_sink();
  return {sink.data, sink.accumulate};
}

const Real* data_or_null(const Tensor& tensor) { return tensor.defined() ? tensor.data() : nullptr; }

template <class Forward, class Backward>
Tensor apply(const Shape& out, const Forward& forward, const Backward& backward, const Tensor& x, const Tensor& weight, const Tensor& bias,
             Activation activation) {
  const bool relu = activation == Activation::relu;
  Tensor y = Tensor::empty(out);
  forward(x.data(), weight.data(), data_or_null(bias), relu, y.data());
  if (autograd::tracks(x, weight, bias)) {
    autograd::record(y, [=] {
      backward(x.data(), weight.data(), relu ? y.data() : nullptr, y.grad().data(), destination(x), destination(weight), destination(bias));
    });
  }
  return y;
}

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options, Activation activation) {
  check("conv2d", x, weight, bias, options, 1);
  const Shape& s = x.shape();
  const Shape& w = weight.shape();
  const Index rows = s[2] + 2 * options.padding - w[2];
  const Index columns = s[3] + 2 * options.padding - w[3];
  if (rows < 0 || columns < 0) fail(ErrorKind::shape, "[conv2d] kernel {}x{} is larger than the padded image of x {}", w[2], w[3], s);
  const kernels::ConvShape shape{.batch = s[0],
                                 .channels = s[1],
                                 .height = s[2],
                                 .width = s[3],
                                 .filters = w[0],
                                 .grid_height = rows / options.stride + 1,
                                 .grid_width = columns / options.stride + 1,
                                 .kernel_height = w[2],
                                 .kernel_width = w[3],
                                 .stride = options.stride,
                                 .padding = options.padding};
  const bool pooled = options.max_pool;
  Shape out{s[0], w[0], shape.grid_height, shape.grid_width};
  if (pooled) {
    if (std::min(out[2], out[3]) < 2) fail(ErrorKind::shape, "[conv2d] its result {} is smaller than a window of the max pooling", out);
    out = {s[0], w[0], shape.grid_height / 2, shape.grid_width / 2};
  }
  const Scratch<std::uint8_t> place(pooled ? static_cast<std::size_t>(out.size()) : 0);
  const auto forward = [&](auto... to) { kernels::conv2d(shape, to..., pooled ? place.data() : nullptr); };
  const auto backward = [=](auto... to) { kernels::conv2d_backward(shape, to..., pooled ? place.data() : nullptr); };
  return apply(out, forward, backward, x, weight, bias, activation);
}

Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options, Activation activation) {
  check("conv_transpose2d", x, weight, bias, options, 0);
  const Shape& s = x.shape();
  const Shape& w = weight.shape();
  const Index height = (s[2] - 1) * options.stride - 2 * options.padding + w[2] + options.output_padding;
  const Index width = (s[3] - 1) * options.stride - 2 * options.padding + w[3] + options.output_padding;
  if (height < 1 || width < 1) fail(ErrorKind::shape, "[conv_transpose2d] x {} and weight {} leave an image of {}x{}", s, w, height, width);
  const kernels::ConvShape shape{.batch = s[0],
                                 .channels = w[1],
                                 .height = height,
                                 .width = width,
                                 .filters = s[1],
                                 .grid_height = s[2],
                                 .grid_width = s[3],
                                 .kernel_height = w[2],
                                 .kernel_width = w[3],
                                 .stride = options.stride,
                                 .padding = options.padding};
  const auto forward = [&](auto... to) { kernels::conv_transpose2d(shape, to...); };
  const auto backward = [=](auto... to) { kernels::conv_transpose2d_backward(shape, to...); };
  return apply({s[0], w[1], height, width}, forward, backward, x, weight, bias, activation);
}

}  // namespace emotrain::ops
