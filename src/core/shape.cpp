#include "emotrain/core/shape.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emotrain/core/error.hpp"

namespace emotrain {

Shape::Shape(std::initializer_list<Index> extents) : Shape(std::span<const Index>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const Index> extents) {
  for (Index extent : extents) push_back(extent);
}

void Shape::set(int axis, Index extent) { extents_[static_cast<std::size_t>(resolve(axis))] = extent; }

void Shape::push_back(Index extent) {
  if (rank_ == max_rank) fail(ErrorKind::shape, "[shape] more than {} axes", max_rank);
  if (extent < 0) fail(ErrorKind::shape, "[shape] negative extent {} at axis {}", extent, rank_);
  extents_[static_cast<std::size_t>(rank_++)] = extent;
}

int Shape::resolve(int axis) const {
  const int positive = axis < 0 ? axis + rank_ : axis;
  if (positive < 0 || positive >= rank_) fail(ErrorKind::shape, "[shape] axis {} of a tensor of shape {}", axis, str());
  return positive;
}

Index Shape::size() const noexcept { return size(0, rank_); }

Index Shape::size(int first, int last) const noexcept {
  Index product = 1;
  for (int axis = first; axis < last; ++axis) product *= extents_[static_cast<std::size_t>(axis)];
  return product;
}

std::string Shape::str() const { return fmt::format("({})", fmt::join(begin(), end(), ",")); }

bool operator==(const Shape& a, const Shape& b) noexcept { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

Shape broadcast(const char* op, const Shape& a, const Shape& b) {
  Shape out = a.rank() >= b.rank() ? a : b;
  for (int back = 1; back <= out.rank(); ++back) {
    const Index x = back <= a.rank() ? a[-back] : 1;
    const Index y = back <= b.rank() ? b[-back] : 1;
    if (x != y && x != 1 && y != 1) fail(ErrorKind::shape, "[{}] shapes {} and {} cannot be broadcast together", op, a, b);
    out.set(-back, x == 1 ? y : x);
  }
  return out;
}

}  // namespace emotrain
