#include "emotrain/ops/structure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/kernels/layout.hpp"
#include "ops/gradient.hpp"

namespace emotrain::ops {
namespace {

Tensor view(const Tensor& x, const Shape& shape) {
  Tensor y = x.view(shape);
  if (autograd::tracks(x)) {
    autograd::record(y, [x, y] {
      // The gradient of a view is dead once it was passed on, so its memory can become x's.
      if (!x.share_grad(y)) add_gradient(x, [&](Real* dx) { std::ranges::copy(y.grad(), dx); });
    });
  }
  return y;
}

}  // namespace

Tensor transpose(const Tensor& x, int axis_a, int axis_b) {
  const Shape& from = x.shape();
  const auto [first, second] = std::minmax({from.resolve(axis_a), from.resolve(axis_b)});
  Shape to = from;
  to.set(first, from[second]);
  to.set(second, from[first]);
  if (first == second) return view(x, to);
  const kernels::Swap swap{.outer = from.size(0, first),
                           .a = from[first],
                           .middle = from.size(first + 1, second),
                           .b = from[second],
                           .inner = from.size(second + 1, from.rank())};
  Tensor y = Tensor::empty(to);
  kernels::swap_axes(x.data(), y.data(), swap);
  if (autograd::tracks(x)) {
    autograd::record(y, [x, y, swap] {
      add_gradient(x, [&](Real* dx) {
        kernels::swap_axes(y.grad().data(), dx,
                           {.outer = swap.outer, .a = swap.b, .middle = swap.middle, .b = swap.a, .inner = swap.inner});
      });
    });
  }
  return y;
}

Tensor reshape(const Tensor& x, std::span<const Index> extents) {
  Shape shape;
  int open = -1;
  for (Index extent : extents) {
    if (extent != -1) {
      shape.push_back(extent);
      continue;
    }
    if (open >= 0) fail(ErrorKind::shape, "[reshape] ({}): at most one extent may be -1", fmt::join(extents, ","));
    open = shape.rank();
    shape.push_back(1);
  }
  const Index known = shape.size();
  if (open >= 0 && known > 0) shape.set(open, x.size() / known);
  if (shape.size() != x.size()) {
    fail(ErrorKind::shape, "[reshape] {} has {} elements and cannot become ({}): give extents whose product is that", x.shape(), x.size(),
         fmt::join(extents, ","));
  }
  return view(x, shape);
}

Tensor flatten(const Tensor& x) {
  if (x.rank() == 0) fail(ErrorKind::shape, "[flatten] a tensor of shape () has no batch axis: reshape it to (1,1) first");
  return view(x, {x.shape()[0], x.shape().size(1, x.rank())});
}

Tensor slice(const Tensor& x, int axis, Index first, Index last) {
  const int place = x.shape().resolve(axis);
  const Index extent = x.shape()[place];
  if (first < 0 || first > last || last > extent) {
    fail(ErrorKind::shape, "[slice] [{}, {}) of axis {} of {}: want 0 <= first <= last <= {}", first, last, axis, x.shape(), extent);
  }
  Shape shape = x.shape();
  shape.set(place, last - first);
  const Index outer = shape.size(0, place);
  const Index inner = shape.size(place + 1, shape.rank());
  Tensor y = Tensor::empty(shape);
  kernels::copy_rows(x.data() + first * inner, extent * inner, y.data(), (last - first) * inner, outer, (last - first) * inner);
  if (autograd::tracks(x)) {
    autograd::record(y, [=] {
      add_gradient(x, [&](Real* dx) {
        std::fill_n(dx, x.size(), Real(0));
        kernels::copy_rows(y.grad().data(), (last - first) * inner, dx + first * inner, extent * inner, outer, (last - first) * inner);
      });
    });
  }
  return y;
}

namespace {

/// Copies `part` behind the first `before` values of each row of `whole`, or, for gradients, back.
struct Piece {
  Index outer, width, row, before;
  void put(const Real* part, Real* whole) const { kernels::copy_rows(part, width, whole + before, row, outer, width); }
  void take(const Real* whole, Real* part) const { kernels::copy_rows(whole + before, row, part, width, outer, width); }
};

Shape joined(std::span<const Tensor> parts, int axis) {
  if (parts.empty()) fail(ErrorKind::shape, "[concat] nothing to join: give at least one tensor");
  Shape shape = parts[0].shape();
  const int place = shape.resolve(axis);
  Index extent = 0;
  for (const Tensor& part : parts) {
    if (part.rank() == shape.rank()) {
      extent += part.shape()[place];
      shape.set(place, part.shape()[place]);
    }
    if (part.shape() != shape) {
      fail(ErrorKind::shape, "[concat] shapes {} and {} differ in another axis than {}: give parts that agree there", parts[0].shape(),
           part.shape(), axis);
    }
  }
  shape.set(place, extent);
  return shape;
}

}  // namespace

Tensor concat(std::span<const Tensor> parts, int axis) {
  const Shape shape = joined(parts, axis);
  const int place = shape.resolve(axis);
  Tensor y = Tensor::empty(shape);
  const Index inner = shape.size(place + 1, shape.rank());
  Piece piece{.outer = shape.size(0, place), .width = 0, .row = shape[place] * inner, .before = 0};
  for (const Tensor& part : parts) {
    piece.width = part.shape()[place] * inner;
    piece.put(part.data(), y.data());
    // One closure for each part: how many there are is not known before.
    if (autograd::tracks(part)) {
      autograd::record(y, [part, y, piece] { add_gradient(part, [&](Real* dx) { piece.take(y.grad().data(), dx); }); });
    }
    piece.before += piece.width;
  }
  return y;
}

}  // namespace emotrain::ops
