#pragma once
#include <fmt/core.h>

#include <array>
#include <initializer_list>
#include <span>
#include <string>

#include "emotrain/core/real.hpp"

namespace emotrain {

/// The extents of a tensor, outermost first. Rank 0 is a scalar (one element). At most `max_rank` axes; stored in place.
class Shape {
 public:
  static constexpr int max_rank = 8;

  Shape() = default;
  Shape(std::initializer_list<Index> extents);
  explicit Shape(std::span<const Index> extents);

  int rank() const noexcept { return rank_; }
  /// Extent of an axis; negative axes count from the end. Throws Error{shape} when out of range.
  Index operator[](int axis) const { return extents_[static_cast<std::size_t>(resolve(axis))]; }
  void set(int axis, Index extent);
  void push_back(Index extent);
  /// Turns an axis in [-rank, rank) into [0, rank).
  int resolve(int axis) const;
  /// Product of the extents; 1 for rank 0.
  Index size() const noexcept;
  /// Product of the extents of the axes [first, last).
  Index size(int first, int last) const noexcept;

  const Index* begin() const noexcept { return extents_.data(); }
  const Index* end() const noexcept { return extents_.data() + rank_; }
  /// As in messages: `(3,4)`.
  std::string str() const;
  friend bool operator==(const Shape& a, const Shape& b) noexcept;

 private:
  std::array<Index, max_rank> extents_{};
  int rank_ = 0;
};

/// NumPy's broadcasting: axes are aligned at the end, extents must be equal or 1. Throws Error{shape} naming `op` and both shapes.
Shape broadcast(const char* op, const Shape& a, const Shape& b);

}  // namespace emotrain

template <>
struct fmt::formatter<emotrain::Shape> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  template <class Context>
  auto format(const emotrain::Shape& shape, Context& context) const {
    return fmt::format_to(context.out(), "{}", shape.str());
  }
};
