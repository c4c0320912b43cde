#pragma once
#include <cstdint>
#include <type_traits>

#include "kernels/cpu/vector.hpp"

/// Maxima of windows of 2x2: the even and the odd columns of two rows are taken apart, compared, and in the backward pass put together
/// again. As everywhere, NaN counts as larger than any number.
namespace emotrain::kernels {

/// Integers as wide as the values, to choose among them, and bytes to remember the choice.
using Integer = std::conditional_t<sizeof(Real) == 4, std::int32_t, std::int64_t>;
template <Index width>
struct Choice {
  using Integers [[gnu::vector_size(width * sizeof(Integer))]] = Integer;
  using Bytes [[gnu::vector_size(width)]] = std::uint8_t;
};

/// The maximum of each window of what get(pointer) reads from two rows.
template <class Slice, class Get>
[[gnu::always_inline]] inline typename Slice::Type pool(Slice /*width*/, const Real* upper, const Real* lower, Get&& get,
                                                        std::uint8_t* place) {
  using Integers = typename Choice<Slice::size>::Integers;
  using Bytes = typename Choice<Slice::size>::Bytes;
  const auto a = get(upper);
  const auto b = get(upper + Slice::size);
  const auto c = get(lower);
  const auto d = get(lower + Slice::size);
  auto top = even_lanes(a, b);
  Integers where{};
  const auto challenge = [&](const auto& value, Integer number) {
    const Integers wins = (value > top) | (value != value);  // NOLINT(misc-redundant-expression): NaN wins
    top = wins ? value : top;
    where = wins ? Integers{} + number : where;
  };
  challenge(odd_lanes(a, b), 1);
  challenge(even_lanes(c, d), 2);
  challenge(odd_lanes(c, d), 3);
  const auto bytes = __builtin_convertvector(where, Bytes);
  std::memcpy(place, &bytes, sizeof bytes);
  return top;
}

/// The gradients `up` of the maxima, where they came from, and zeros elsewhere.
template <class Slice>
[[gnu::always_inline]] inline void spread(Slice /*width*/, typename Slice::Type up, const std::uint8_t* place, Real* upper, Real* lower) {
  using Integers = typename Choice<Slice::size>::Integers;
  typename Choice<Slice::size>::Bytes bytes;
  std::memcpy(&bytes, place, sizeof bytes);
  const auto where = __builtin_convertvector(bytes, Integers);
  const auto at = [&](Integer number) { return where == Integers{} + number ? up : typename Slice::Type{}; };
  const auto a = at(0);
  const auto b = at(1);
  const auto c = at(2);
  const auto d = at(3);
  Slice::put(upper, interleave_low(a, b));
  Slice::put(upper + Slice::size, interleave_high(a, b));
  Slice::put(lower, interleave_low(c, d));
  Slice::put(lower + Slice::size, interleave_high(c, d));
}

}  // namespace emotrain::kernels
