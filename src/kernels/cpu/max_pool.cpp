#include <type_traits>

#include "emotrain/kernels/pool.hpp"
#include "kernels/cpu/tiles.hpp"
#include "kernels/cpu/vector.hpp"

/// Windows of 2x2: the even and the odd columns of two rows are taken apart, compared, and in the backward pass put together again.
namespace emotrain::kernels {
namespace {

/// Integers as wide as the values, to choose among them, and bytes to remember the choice.
using Integer = std::conditional_t<sizeof(Real) == 4, std::int32_t, std::int64_t>;
template <Index width>
struct Choice {
  using Integers [[gnu::vector_size(width * sizeof(Integer))]] = Integer;
  using Bytes [[gnu::vector_size(width)]] = std::uint8_t;
};

template <class Slice>
void pool(Slice /*width*/, const Real* upper, const Real* lower, Real* y, std::uint8_t* place) {
  using Integers = typename Choice<Slice::size>::Integers;
  using Bytes = typename Choice<Slice::size>::Bytes;
  const auto a = Slice::get(upper);
  const auto b = Slice::get(upper + Slice::size);
  const auto c = Slice::get(lower);
  const auto d = Slice::get(lower + Slice::size);
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
  Slice::put(y, top);
  const auto bytes = __builtin_convertvector(where, Bytes);
  std::memcpy(place, &bytes, sizeof bytes);
}

template <class Slice>
void spread(Slice /*width*/, const Real* g, const std::uint8_t* place, Real* upper, Real* lower) {
  using Integers = typename Choice<Slice::size>::Integers;
  typename Choice<Slice::size>::Bytes bytes;
  std::memcpy(&bytes, place, sizeof bytes);
  const auto where = __builtin_convertvector(bytes, Integers);
  const auto up = Slice::get(g);
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

}  // namespace

void max_pool_2x2(const Real* x, Real* y, std::uint8_t* place, const Pooling& p) {
  const Index results = p.out_height * p.out_width;
  for_tiles(p.planes, items_per_tile(p.height * p.width), [&](Index first, Index last) {
    for (Index plane = first; plane < last; ++plane) {
      const Real* image = x + plane * p.height * p.width;
      cover(p.out_height, p.out_width, [&](auto slice, Index row, Index column) {
        const Real* upper = image + 2 * (row * p.width + column);
        const Index to = plane * results + row * p.out_width + column;
        pool(slice, upper, upper + p.width, y + to, place + to);
      });
    }
  });
}

void max_pool_2x2_backward(const Real* g, const std::uint8_t* place, Real* dx, const Pooling& p) {
  const Index results = p.out_height * p.out_width;
  for_tiles(p.planes, items_per_tile(p.height * p.width), [&](Index first, Index last) {
    for (Index plane = first; plane < last; ++plane) {
      Real* image = dx + plane * p.height * p.width;
      // What no window covers.
      if (p.height % 2 != 0) std::fill_n(image + (p.height - 1) * p.width, p.width, Real(0));
      if (p.width % 2 != 0) {
        for (Index row = 0; row < p.height; ++row) image[(row + 1) * p.width - 1] = 0;
      }
      cover(p.out_height, p.out_width, [&](auto slice, Index row, Index column) {
        Real* upper = image + 2 * (row * p.width + column);
        const Index from = plane * results + row * p.out_width + column;
        spread(slice, g + from, place + from, upper, upper + p.width);
      });
    }
  });
}

}  // namespace emotrain::kernels
