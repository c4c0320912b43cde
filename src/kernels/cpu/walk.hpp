#pragma once
#include <array>

#include "emotrain/core/shape.hpp"
#include "kernels/cpu/tiles.hpp"

namespace emotrain::kernels {

/// A walk through a contiguous array of shape `whole`, together with arrays a and b that are broadcast to it. Neighbouring axes that
/// behave alike are merged, axes of extent 1 dropped; axis 0 is the innermost one, where strides are 0 or 1.
class Walk {
 public:
  struct Place {
    Index whole, a, b;
  };

  Walk(const Shape& whole, const Shape& a, const Shape& b) {
    Place step{1, 1, 1};
    for (int back = 1; back <= whole.rank(); ++back) {
      const Index extent = whole[-back];
      const Index in_a = back <= a.rank() ? a[-back] : 1;
      const Index in_b = back <= b.rank() ? b[-back] : 1;
      if (extent != 1) add({step.whole, in_a != 1 ? step.a : 0, in_b != 1 ? step.b : 0}, extent);
      step = {step.whole * extent, step.a * in_a, step.b * in_b};
    }
    if (rank_ == 0) add({1, 0, 0}, 1);
  }

  const Place& inner_step() const { return axes_[0].step; }
  const Place& outer_step() const { return axes_[rank_ - 1].step; }
  Index outer_extent() const { return axes_[rank_ - 1].extent; }
  /// Elements of the whole for each item of the outermost axis.
  Index outer_size() const { return axes_[rank_ - 1].step.whole; }

  /// Calls row(place, count) for each innermost row with an index in [first, last) on the outermost axis, in memory order. If there is
  /// only one axis, the row is that part of it.
  template <class Row>
  void rows(Index first, Index last, const Row& row) const {
    visit(rank_ - 1, first, last, {0, 0, 0}, row);
  }

 private:
  struct Axis {
    Index extent;
    Place step;
  };

  void add(const Place& step, Index extent) {
    if (rank_ > 0) {
      Axis& below = axes_[rank_ - 1];
      if (step.a == below.step.a * below.extent && step.b == below.step.b * below.extent) {
        below.extent *= extent;
        return;
      }
    }
    axes_[rank_++] = {extent, step};
  }

  template <class Row>
  void visit(std::size_t axis, Index first, Index last, const Place& at, const Row& row) const {
    const Place& step = axes_[axis].step;
    const auto place = [&](Index i) { return Place{at.whole + i * step.whole, at.a + i * step.a, at.b + i * step.b}; };
    if (axis == 0) return row(place(first), last - first);
    for (Index i = first; i < last; ++i) visit(axis - 1, 0, axes_[axis - 1].extent, place(i), row);
  }

  std::array<Axis, Shape::max_rank> axes_;
  std::size_t rank_ = 0;
};

}  // namespace emotrain::kernels
