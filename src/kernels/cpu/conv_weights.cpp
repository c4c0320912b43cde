#include "kernels/cpu/conv_planes.hpp"

/// The weight gradient: products of grid rows and shifted image rows, summed over all positions. Both run along memory, so the tile holds
/// one register of partial sums for each pair of rows and adds its lanes up at the end.
namespace emotrain::kernels {
namespace {

constexpr int dot_rows = vector_registers == 32 ? 4 : 3;
constexpr int dot_columns = vector_registers == 32 ? 6 : 4;

/// Sums of the lanes of `count` registers: interleaving halves the number of registers and adds pairs of lanes at the same time.
template <int count>
void lane_sums(const Vec* sums, Real* out) {
  constexpr int padded =
      std::bit_ceil(static_cast<unsigned>(count)) <= lanes ? static_cast<int>(std::bit_ceil(static_cast<unsigned>(count))) : lanes;
  if constexpr (count > lanes) {
    lane_sums<lanes>(sums, out);
    lane_sums<count - lanes>(sums + lanes, out + lanes);
  } else {
    Vec tree[padded] = {};
#pragma GCC unroll 16
    for (int i = 0; i < count; ++i) tree[i] = sums[i];
      // Register i meets register i + width: in the end lane j belongs to register j % padded.
#pragma GCC unroll 6
    for (int width = padded / 2; width > 0; width /= 2) {
#pragma GCC unroll 16
      for (int i = 0; i < width; ++i) tree[i] = interleave_low(tree[i], tree[i + width]) + interleave_high(tree[i], tree[i + width]);
    }
    Real lane[lanes];
    store(lane, tree[0]);
    for (int i = 0; i < count; ++i) {
      Real total = lane[i];
      for (int j = i + padded; j < lanes; j += padded) total += lane[j];
      out[i] = total;
    }
  }
}

template <int rows, int columns>
void dot_tile(Index n, const Real* left, Index left_stride, const Real* right, const Index* offsets, Real* c, Index ldc) {
  Vec sums[rows * columns] = {};
  const Real* b[columns];
#pragma GCC unroll 8
  for (int j = 0; j < columns; ++j) b[j] = right + offsets[j];
  for (Index i = 0; i < n; i += lanes) {
    Vec a[rows];
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) a[r] = load(left + r * left_stride + i);
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j) {
      Vec value = load(b[j] + i);
      keep_in_register(value);
#pragma GCC unroll 8
      for (int r = 0; r < rows; ++r) sums[r * columns + j] += a[r] * value;
    }
  }
  Real totals[rows * columns];
  lane_sums<rows * columns>(sums, totals);
  for (int r = 0; r < rows; ++r) {
    for (int j = 0; j < columns; ++j) c[r * ldc + j] += totals[r * columns + j];
  }
}

using DotTile = void (*)(Index n, const Real* left, Index left_stride, const Real* right, const Index* offsets, Real* c, Index ldc);

template <int... I>
constexpr auto dot_table(std::integer_sequence<int, I...> /*unused*/) {
  return std::array<DotTile, sizeof...(I)>{&dot_tile<I / dot_columns + 1, I % dot_columns + 1>...};
}
constexpr auto dot_tiles = dot_table(std::make_integer_sequence<int, dot_rows * dot_columns>{});

}  // namespace

void correlate_weights(const ConvPlanes& planes, const Real* image_scratch, const Real* grid_scratch, const Index* offsets,
                       Real* d_weight) {
  const Index n = (planes.group - 1) * planes.plane + planes.span;
  const Parts blocks(planes.shape.filters, dot_rows);
  const Parts panels(planes.depth(), dot_columns);
  // Neighbouring panels read the same image planes at other shifts: they find them in the first cache.
  for (Index block = 0; block < blocks.count; ++block) {
    const Index f = blocks.begin(block);
    for (Index panel = 0; panel < panels.count; ++panel) {
      const Index k = panels.begin(panel);
      const auto at = static_cast<std::size_t>((blocks.size(block) - 1) * dot_columns + panels.size(panel) - 1);
      dot_tiles[at](n, grid_scratch + f * planes.plane_stride() + planes.origin, planes.plane_stride(), image_scratch, offsets + k,
                    d_weight + f * planes.depth() + k, planes.depth());
    }
  }
}

}  // namespace emotrain::kernels
