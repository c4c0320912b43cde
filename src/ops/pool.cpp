#include "emotrain/ops/pool.hpp"

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/kernels/pool.hpp"
#include "ops/gradient.hpp"

namespace emotrain::ops {
namespace {

kernels::Pooling pooling(const char* op, const Tensor& x, const PoolOptions& o) {
  if (x.rank() != 4) fail(ErrorKind::shape, "[{}] input {}: want (samples,channels,height,width)", op, x.shape());
  if (o.kernel < 1 || o.stride < 1 || o.padding < 0 || o.padding > o.kernel / 2) {
    fail(ErrorKind::usage, "[{}] kernel {}, stride {}, padding {}: want kernel and stride of at least 1 and padding up to half the kernel",
         op, o.kernel, o.stride, o.padding);
  }
  const Shape& shape = x.shape();
  const auto results = [&](Index extent) { return (extent + 2 * o.padding - o.kernel) / o.stride + 1; };
  if (std::min(shape[2], shape[3]) + 2 * o.padding < o.kernel) {
    fail(ErrorKind::shape, "[{}] input {} is smaller than a window of {} with padding {}: use a smaller kernel", op, shape, o.kernel,
         o.padding);
  }
  return {.planes = shape[0] * shape[1],
          .height = shape[2],
          .width = shape[3],
          .kernel = o.kernel,
          .stride = o.stride,
          .padding = o.padding,
          .out_height = results(shape[2]),
          .out_width = results(shape[3])};
}

Tensor empty_result(const Tensor& x, const kernels::Pooling& p) {
  return Tensor::empty({x.shape()[0], x.shape()[1], p.out_height, p.out_width});
}

/// The kernels differ in how they note the place of a maximum.
template <class Place, class Forward, class Backward>
Tensor max_pool(const Tensor& x, const kernels::Pooling& p, const Forward& forward, const Backward& backward) {
  Tensor y = empty_result(x, p);
  const Scratch<Place> place(static_cast<std::size_t>(y.size()));
  forward(x.data(), y.data(), place.data(), p);
  if (autograd::tracks(x)) {
    autograd::record(y, [x, y, place, p, backward] { add_gradient(x, [&](Real* dx) { backward(y.grad().data(), place.data(), dx, p); }); });
  }
  return y;
}

}  // namespace

Tensor max_pool2d(const Tensor& x, const PoolOptions& options) {
  const kernels::Pooling p = pooling("max_pool2d", x, options);
  if (p.is_2x2()) return max_pool<std::uint8_t>(x, p, kernels::max_pool_2x2, kernels::max_pool_2x2_backward);
  return max_pool<std::int32_t>(x, p, kernels::max_pool, kernels::max_pool_backward);
}

Tensor avg_pool2d(const Tensor& x, const PoolOptions& options) {
  const kernels::Pooling p = pooling("avg_pool2d", x, options);
  Tensor y = empty_result(x, p);
  kernels::avg_pool(x.data(), y.data(), p);
  if (autograd::tracks(x)) {
    autograd::record(y, [x, y, p] { add_gradient(x, [&](Real* dx) { kernels::avg_pool_backward(y.grad().data(), dx, p); }); });
  }
  return y;
}

Tensor upsample_nearest2d(const Tensor& x, Index factor) {
  if (x.rank() != 4) fail(ErrorKind::shape, "[upsample_nearest2d] input {}: want (samples,channels,height,width)", x.shape());
  if (factor < 1) fail(ErrorKind::usage, "[upsample_nearest2d] factor {}: give a positive number", factor);
  const Shape& shape = x.shape();
  const Index planes = shape[0] * shape[1];
  Tensor y = Tensor::empty({shape[0], shape[1], shape[2] * factor, shape[3] * factor});
  kernels::upsample(x.data(), y.data(), planes, shape[2], shape[3], factor);
  if (autograd::tracks(x)) {
    autograd::record(y, [x, y, planes, factor] {
      add_gradient(x, [&](Real* dx) { kernels::upsample_backward(y.grad().data(), dx, planes, x.shape()[2], x.shape()[3], factor); });
    });
  }
  return y;
}

}  // namespace emotrain::ops
