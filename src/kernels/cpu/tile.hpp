#pragma once
#include <algorithm>
#include <array>

#include "emotrain/kernels/gemm.hpp"
#include "kernels/cpu/vector.hpp"

/// The register tile that all matrix-like work goes through: `rows` x `vectors` registers hold a block of the result while k runs. Per k it
/// loads `vectors` registers of b and broadcasts `rows` scalars of a, so both load ports stay below the rate of the multipliers.
namespace emotrain::kernels {

inline constexpr int tile_registers = vector_registers == 32 ? 24 : 12;
inline constexpr int max_tile_rows = vector_registers == 32 ? 8 : 6;
inline constexpr int max_tile_vectors = 8;

/// The widest tile of that many rows.
constexpr int tile_vectors_for(int rows) { return std::min(max_tile_vectors, tile_registers / rows); }

/// Rows of b that follow each other at a fixed distance: a packed panel or a plain matrix.
struct StridedRows {
  const Real* base;
  Index stride;
  const Real* operator()(Index k) const { return base + k * stride; }
};

/// Rows of b at any offset, such as the shifted planes of a convolution.
struct ShiftedRows {
  const Real* base;
  const Index* offsets;
  const Real* operator()(Index k) const { return base + offsets[k]; }
};

/// Writes `columns` values of one row of the tile.
template <int vectors>
[[gnu::always_inline]] inline void store_row(const Vec* sums, Real* c, Index columns, const Real* bias, const Epilogue& epilogue) {
#pragma GCC unroll 8
  for (int v = 0; v < vectors; ++v) {
    const Index rest = columns - v * lanes;
    Vec value = sums[v];
    if (bias != nullptr) value += load(bias + v * lanes);
    if (epilogue.accumulate) value += rest >= lanes ? load(c + v * lanes) : load_part(c + v * lanes, rest);
    if (epilogue.relu) value = value < Vec{} ? Vec{} : value;
    rest >= lanes ? store(c + v * lanes, value) : store_part(c + v * lanes, value, rest);
  }
}

/// `bias`: null, or vectors * lanes values.
template <int rows, int vectors, class Rows>
void tile(Index depth, Matrix a, Rows b, Real* c, Index ldc, Index columns, const Real* bias, const Epilogue& epilogue) {
  Vec sums[rows][vectors] = {};
  const Real* scalars = a.data;
  for (Index k = 0; k < depth; ++k, scalars += a.column) {
    const Real* row = b(k);
    Vec right[vectors];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) right[v] = load(row + v * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const Vec left = broadcast(scalars[r * a.row]);
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) sums[r][v] += left * right[v];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) store_row<vectors>(sums[r], c + r * ldc, columns, bias, epilogue);
}

template <class Rows>
using Tile = void (*)(Index depth, Matrix a, Rows b, Real* c, Index ldc, Index columns, const Real* bias, const Epilogue& epilogue);

namespace detail {
template <class Rows, int rows, int vectors>
constexpr Tile<Rows> tile_or_null() {
  if constexpr (vectors <= tile_vectors_for(rows)) {
    return &tile<rows, vectors, Rows>;
  } else {
    return nullptr;
  }
}
template <class Rows, int... I>
constexpr auto tile_table(std::integer_sequence<int, I...> /*unused*/) {
  return std::array{tile_or_null<Rows, I / max_tile_vectors + 1, I % max_tile_vectors + 1>()...};
}
template <class Rows>
inline constexpr auto tiles = tile_table<Rows>(std::make_integer_sequence<int, max_tile_rows * max_tile_vectors>{});
}  // namespace detail

/// The tile of the given extent; 1 <= rows <= max_tile_rows, 1 <= vectors <= tile_vectors_for(rows).
template <class Rows>
Tile<Rows> tile_of(Index rows, Index vectors) {
  return detail::tiles<Rows>[static_cast<std::size_t>((rows - 1) * max_tile_vectors + vectors - 1)];
}

/// `total` cut into the fewest parts of at most `most`, as even as can be.
struct Parts {
  Index total;
  Index count;

  Parts(Index whole, Index most) : total(whole), count((whole + most - 1) / most) {}
  Index begin(Index part) const { return total * part / count; }
  Index size(Index part) const { return begin(part + 1) - begin(part); }
};

}  // namespace emotrain::kernels
