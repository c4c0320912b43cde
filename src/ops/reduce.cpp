#include "emotrain/ops/reduce.hpp"

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/kernels/reduce.hpp"
#include "emotrain/ops/structure.hpp"
#include "ops/gradient.hpp"

namespace emotrain::ops {
namespace {

/// The result's shape, as it is given back and with the reduced axes kept at extent 1.
struct Reduced {
  Shape shape;
  Shape kept;
};

Reduced reduced(const char* op, const Shape& shape, std::span<const int> axes, bool keep) {
  Reduced out{.shape = {}, .kept = shape};
  bool gone[Shape::max_rank] = {};
  for (int axis : axes) {
    const int place = shape.resolve(axis);
    if (gone[place]) fail(ErrorKind::shape, "[{}] axis {} of {} is given twice: name each axis once", op, axis, shape);
    gone[place] = true;
  }
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axes.empty() || gone[axis]) {
      out.kept.set(axis, 1);
    } else {
      out.shape.push_back(shape[axis]);
    }
  }
  if (keep) out.shape = out.kept;
  return out;
}

Tensor scaled_sum(const Tensor& x, const Reduced& to, Real scale) {
  Tensor y = Tensor::empty(to.shape);
  kernels::sum_to(x.data(), x.shape(), scale, y.data(), to.kept);
  if (autograd::tracks(x)) {
    autograd::record(y, [x, y, scale, kept = to.kept] {
      add_gradient(x, [&](Real* dx) { kernels::zip(kernels::Binary::mul, y.grad().data(), kept, &scale, {}, dx, x.shape()); });
    });
  }
  return y;
}

using SoftmaxKernel = void (*)(const Real*, Real*, Index, Index);
using SoftmaxBackward = void (*)(const Real*, const Real*, Real*, Index, Index);

/// Along the last axis; another one becomes the last for a while.
Tensor along(const Tensor& x, int axis, SoftmaxKernel kernel, SoftmaxBackward backward) {
  const int place = x.shape().resolve(axis);
  if (place != x.rank() - 1) return transpose(along(transpose(x, place, -1), -1, kernel, backward), place, -1);
  const Index columns = x.shape()[-1];
  const Index rows = x.shape().size(0, x.rank() - 1);
  Tensor y = Tensor::empty(x.shape());
  if (columns > 0) kernel(x.data(), y.data(), rows, columns);
  if (autograd::tracks(x)) {
    autograd::record(y, [=] { add_gradient(x, [&](Real* dx) { backward(y.data(), y.grad().data(), dx, rows, columns); }); });
  }
  return y;
}

}  // namespace

Tensor sum(const Tensor& x, std::span<const int> axes, bool keep) { return scaled_sum(x, reduced("sum", x.shape(), axes, keep), 1); }

Tensor mean(const Tensor& x, std::span<const int> axes, bool keep) {
  const Reduced to = reduced("mean", x.shape(), axes, keep);
  return scaled_sum(x, to, static_cast<Real>(static_cast<double>(to.kept.size()) / static_cast<double>(x.size())));
}

Tensor max(const Tensor& x, std::span<const int> axes, bool keep) {
  const Reduced to = reduced("max", x.shape(), axes, keep);
  if (x.size() == 0) fail(ErrorKind::shape, "[max] a tensor of shape {} has no maximum: give one with elements", x.shape());
  Tensor y = Tensor::empty(to.shape);
  const Scratch<Index> place(static_cast<std::size_t>(y.size()));
  kernels::max_to(x.data(), x.shape(), y.data(), place.data(), to.kept);
  if (autograd::tracks(x)) {
    autograd::record(y, [x, y, place] {
      add_gradient(x, [&](Real* dx) {
        std::fill_n(dx, x.size(), Real(0));
        for (Index i = 0; i < y.size(); ++i) dx[place.data()[i]] = y.grad()[static_cast<std::size_t>(i)];
      });
    });
  }
  return y;
}

Tensor softmax(const Tensor& x, int axis) { return along(x, axis, kernels::softmax, kernels::softmax_backward); }
Tensor log_softmax(const Tensor& x, int axis) { return along(x, axis, kernels::log_softmax, kernels::log_softmax_backward); }

}  // namespace emotrain::ops
