#pragma once
#include "emotrain/core/buffer.hpp"
#include "emotrain/core/tensor.hpp"
#include "emotrain/kernels/elementwise.hpp"

namespace emotrain::ops {

/// Lets compute(dx) write a contribution to x's gradient and adds it to what is there. Does nothing for an x that wants none.
template <class Compute>
void add_gradient(const Tensor& x, const Compute& compute) {
  if (!x.defined() || !x.requires_grad()) return;
  const Tensor::GradSink sink = x.grad_sink();
  if (!sink.accumulate) return compute(sink.data);
  const Scratch<Real> more(static_cast<std::size_t>(x.size()));
  compute(more.data());
  kernels::zip(kernels::Binary::add, sink.data, more.data(), sink.data, x.size());
}

}  // namespace emotrain::ops
