#include "emotrain/ops/matmul.hpp"

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/kernels/gemm.hpp"
#include "emotrain/kernels/linear.hpp"

namespace emotrain::ops {
namespace {

kernels::Matrix matrix(const Real* data, Index columns) { return {data, columns, 1}; }

/// d (m, n) (+)= a (m, k) · b (k, n), if the tensor wants its gradient.
void add_product(const Tensor& d, Index m, Index n, Index k, const kernels::Matrix& a, const kernels::Matrix& b) {
  if (!d.requires_grad()) return;
  const auto sink = d.grad_sink();
  kernels::gemm(m, n, k, a, b, sink.data, n, {.accumulate = sink.accumulate});
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  if (a.rank() != 2 || b.rank() != 2) fail(ErrorKind::shape, "[matmul] wants two matrices, got {} and {}", a.shape(), b.shape());
  const Index m = a.shape()[0];
  const Index k = a.shape()[1];
  const Index n = b.shape()[1];
  if (b.shape()[0] != k) fail(ErrorKind::shape, "[matmul] inner dimensions differ: {} x {}", a.shape(), b.shape());
  Tensor y = Tensor::empty({m, n});
  kernels::gemm(m, n, k, matrix(a.data(), k), matrix(b.data(), n), y.data(), n);
  if (autograd::tracks(a, b)) {
    autograd::record(y, [=] {
      const auto dy = matrix(y.grad().data(), n);
      add_product(a, m, k, n, dy, matrix(b.data(), n).transposed());
      add_product(b, k, n, m, matrix(a.data(), k).transposed(), dy);
    });
  }
  return y;
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation) {
  if (x.rank() != 2 || weight.rank() != 2)
    fail(ErrorKind::shape, "[linear] wants x (batch,in) and weight (out,in), got {} and {}", x.shape(), weight.shape());
  const Index batch = x.shape()[0];
  const Index in = x.shape()[1];
  const Index out = weight.shape()[0];
  if (weight.shape()[1] != in)
    fail(ErrorKind::shape, "[linear] x {} does not fit weight {}: want {} features", x.shape(), weight.shape(), weight.shape()[1]);
  if (bias.defined() && bias.shape() != Shape{out})
    fail(ErrorKind::shape, "[linear] bias {} does not fit weight {}", bias.shape(), weight.shape());
  const bool relu = activation == Activation::relu;
  Tensor y = Tensor::empty({batch, out});
  kernels::gemm(batch, out, in, matrix(x.data(), in), matrix(weight.data(), in).transposed(), y.data(), out,
                {.bias = bias.defined() ? bias.data() : nullptr, .relu = relu});
  if (autograd::tracks(x, weight, bias)) {
    autograd::record(y, [=] {
      const Real* dy = y.grad().data();
      const bool wants_bias = bias.defined() && bias.requires_grad();
      const Scratch<Real> masked(relu ? static_cast<std::size_t>(batch * out) : 0);
      const Tensor::GradSink bias_sink = wants_bias ? bias.grad_sink() : Tensor::GradSink{nullptr, false};
      kernels::mask_and_sum(batch, out, dy, relu ? y.data() : nullptr, masked.data(), bias_sink.data, bias_sink.accumulate);
      const auto d = matrix(relu ? masked.data() : dy, out);
      add_product(weight, out, in, batch, d.transposed(), matrix(x.data(), in));
      add_product(x, batch, in, out, d, matrix(weight.data(), in));
    });
  }
  return y;
}

}  // namespace emotrain::ops
