#include "emotrain/autograd/tape.hpp"
#include "emotrain/kernels/elementwise.hpp"
#include "emotrain/kernels/reduce.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "ops/gradient.hpp"

namespace emotrain::ops {
namespace {

using kernels::Binary;

Tensor zip(const char* op, Binary f, const Tensor& a, const Tensor& b) {
  Tensor y = Tensor::empty(broadcast(op, a.shape(), b.shape()));
  kernels::zip(f, a.data(), a.shape(), b.data(), b.shape(), y.data(), y.shape());
  return y;
}

/// Adds scale * dy to the gradient of an input, summed over the axes along which that was broadcast.
void pass_on(const Tensor& input, const Tensor& y, Real scale) {
  add_gradient(input, [&](Real* dx) {
    const Real* dy = y.grad().data();
    if (input.shape() == y.shape()) {
      kernels::affine(dy, scale, 0, dx, y.size());
    } else {
      kernels::sum_to(dy, y.shape(), scale, dx, input.shape());
    }
  });
}

/// The same for a gradient that compute(full) first writes in the shape of y.
template <class Compute>
void pass_on_computed(const Tensor& input, const Tensor& y, const Compute& compute) {
  add_gradient(input, [&](Real* dx) {
    if (input.shape() == y.shape()) return compute(dx);
    const Scratch<Real> full(static_cast<std::size_t>(y.size()));
    compute(full.data());
    kernels::sum_to(full.data(), y.shape(), 1, dx, input.shape());
  });
}

/// full = dy f other.
void combine(Binary f, const Tensor& y, const Tensor& other, Real* full) {
  kernels::zip(f, y.grad().data(), y.shape(), other.data(), other.shape(), full, y.shape());
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) {
  Tensor y = zip("add", Binary::add, a, b);
  if (autograd::tracks(a, b)) {
    autograd::record(y, [a, b, y] {
      pass_on(a, y, 1);
      pass_on(b, y, 1);
    });
  }
  return y;
}

Tensor sub(const Tensor& a, const Tensor& b) {
  Tensor y = zip("sub", Binary::sub, a, b);
  if (autograd::tracks(a, b)) {
    autograd::record(y, [a, b, y] {
      pass_on(a, y, 1);
      pass_on(b, y, -1);
    });
  }
  return y;
}

Tensor mul(const Tensor& a, const Tensor& b) {
  Tensor y = zip("mul", Binary::mul, a, b);
  if (autograd::tracks(a, b)) {
    autograd::record(y, [a, b, y] {
      pass_on_computed(a, y, [&](Real* full) { combine(Binary::mul, y, b, full); });
      pass_on_computed(b, y, [&](Real* full) { combine(Binary::mul, y, a, full); });
    });
  }
  return y;
}

Tensor div(const Tensor& a, const Tensor& b) {
  Tensor y = zip("div", Binary::div, a, b);
  if (autograd::tracks(a, b)) {
    autograd::record(y, [a, b, y] {
      pass_on_computed(a, y, [&](Real* full) { combine(Binary::div, y, b, full); });
      pass_on_computed(b, y, [&](Real* full) {  // -dy / b * y
        const Real minus = -1;
        combine(Binary::div, y, b, full);
        kernels::zip(Binary::mul, full, y.data(), full, y.size());
        kernels::zip(Binary::mul, full, y.shape(), &minus, {}, full, y.shape());
      });
    });
  }
  return y;
}

Tensor affine(const Tensor& x, Real scale, Real shift) {
  Tensor y = Tensor::empty(x.shape());
  kernels::affine(x.data(), scale, shift, y.data(), x.size());
  if (autograd::tracks(x)) {
    autograd::record(y, [x, y, scale] { pass_on(x, y, scale); });
  }
  return y;
}

Tensor neg(const Tensor& x) { return affine(x, -1, 0); }

}  // namespace emotrain::ops
