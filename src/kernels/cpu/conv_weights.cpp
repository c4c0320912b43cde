#include "kernels/cpu/conv_planes.hpp"

/// The weight gradient: products of grid and shifted image values, summed over all grid points. If there are filters enough, they lie in
/// registers, so that no lane is spent on the zeros between rows, and no sum across lanes is needed at the end.
namespace emotrain::kernels {
namespace {

constexpr int most_vectors = 2;
/// Of the tile, one pointer each.
constexpr int most_rows = vector_registers == 32 ? 12 : 6;

/// Turns the grid's filters into columns, from flattened position 0 to the last one; what fills up a row is the last filter again.
void transpose_grid(const ConvPlanes& planes, const Real* grid_scratch, Real* points) {
  const Index width = planes.filter_row();
  for (Index f = 0; f < planes.shape.filters; f += lanes) {
    const Real* from[lanes];
    for (Index j = 0; j < lanes; ++j) {
      from[j] = grid_scratch + std::min(f + j, planes.shape.filters - 1) * planes.plane_stride() + planes.origin;
    }
    for (Index i = 0; i < planes.span; i += lanes) {
      Vec block[lanes];
#pragma GCC unroll 16
      for (int j = 0; j < lanes; ++j) block[j] = load(from[j] + i);
      transpose(block);
#pragma GCC unroll 16
      for (int j = 0; j < lanes; ++j) store(points + (i + j) * width + f, block[j]);
    }
  }
}

/// sums (rows, width) += image values at `rows` offsets times the grid's values, over all grid points.
template <int rows, int vectors>
void weight_tile(const ConvPlanes& planes, const Real* image, const Index* offsets, const Real* points, Real* sums) {
  Vec total[rows][vectors] = {};
  const Real* taps[rows];
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) taps[r] = image + offsets[r];
  const Index width = planes.filter_row();
  for (Index y = 0; y < planes.shape.grid_height; ++y) {
    const Index first = y * planes.pitch;
    const Real* at = points + first * width;
    for (Index i = first; i < first + planes.shape.grid_width; ++i, at += width) {
      Vec right[vectors];
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) right[v] = load(at + v * lanes);
#pragma GCC unroll 16
      for (int r = 0; r < rows; ++r) {
        const Vec left = broadcast(taps[r][i]);
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) total[r][v] += left * right[v];
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) {
      Real* to = sums + r * width + v * lanes;
      store(to, load(to) + total[r][v]);
    }
  }
}

using WeightTile = void (*)(const ConvPlanes& planes, const Real* image, const Index* offsets, const Real* points, Real* sums);

template <int... I>
constexpr auto tile_table(std::integer_sequence<int, I...> /*unused*/) {
  return std::array<WeightTile, sizeof...(I)>{&weight_tile<I / most_vectors + 1, I % most_vectors + 1>...};
}
constexpr auto weight_tiles = tile_table(std::make_integer_sequence<int, most_rows * most_vectors>{});

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

/// c (columns, rows) += products of rows of `left` and rows of `right`, summed over n values.
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
    for (int j = 0; j < columns; ++j) c[j * ldc + r] += totals[r * columns + j];
  }
}

using DotTile = void (*)(Index n, const Real* left, Index left_stride, const Real* right, const Index* offsets, Real* c, Index ldc);

template <int... I>
constexpr auto dot_table(std::integer_sequence<int, I...> /*unused*/) {
  return std::array<DotTile, sizeof...(I)>{&dot_tile<I / dot_columns + 1, I % dot_columns + 1>...};
}
constexpr auto dot_tiles = dot_table(std::make_integer_sequence<int, dot_rows * dot_columns>{});

/// The sums where there are few filters: the values of each one fill registers.
void correlate_few(const ConvPlanes& planes, const Real* image_scratch, const Real* grid_scratch, const Index* offsets, Real* sums) {
  const Parts blocks(planes.shape.filters, dot_rows);
  const Parts panels(planes.depth(), dot_columns);
  // Neighbouring panels read the same image planes at other shifts: they find them in the first cache.
  for (Index block = 0; block < blocks.count; ++block) {
    const Index f = blocks.begin(block);
    for (Index panel = 0; panel < panels.count; ++panel) {
      const Index k = panels.begin(panel);
      const auto at = static_cast<std::size_t>((blocks.size(block) - 1) * dot_columns + panels.size(panel) - 1);
      dot_tiles[at](planes.span, grid_scratch + f * planes.plane_stride() + planes.origin, planes.plane_stride(), image_scratch,
                    offsets + k, sums + k * planes.filter_row() + f, planes.filter_row());
    }
  }
}

}  // namespace

void correlate_weights(const ConvPlanes& planes, const Real* image_scratch, const Real* grid_scratch, const Index* offsets, Real* points,
                       Real* sums) {
  if (planes.shape.filters <= lanes / 2) return correlate_few(planes, image_scratch, grid_scratch, offsets, sums);
  transpose_grid(planes, grid_scratch, points);
  const Parts panels(planes.filter_row() / lanes, most_vectors);
  const Parts blocks(planes.depth(), most_rows);
  for (Index panel = 0; panel < panels.count; ++panel) {
    const Index f = panels.begin(panel) * lanes;
    for (Index block = 0; block < blocks.count; ++block) {
      const Index k = blocks.begin(block);
      const auto at = static_cast<std::size_t>((blocks.size(block) - 1) * most_vectors + panels.size(panel) - 1);
      weight_tiles[at](planes, image_scratch, offsets + k, points + f, sums + k * planes.filter_row() + f);
    }
  }
}

}  // namespace emotrain::kernels
