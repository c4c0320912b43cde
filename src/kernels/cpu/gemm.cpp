#include "emotrain/kernels/gemm.hpp"

#include "emotrain/core/buffer.hpp"
#include "emotrain/core/threads.hpp"
#include "kernels/cpu/tile.hpp"

namespace emotrain::kernels {
namespace {

/// Copies columns [first, first + width) of b into rows of `vectors` registers each, the last one filled up with zeros.
void pack_rows(const Matrix& b, Index depth, Index first, Index width, Index vectors, Real* panel) {
  const Index whole = width / lanes;
  for (Index k = 0; k < depth; ++k) {
    const Real* from = b.data + k * b.row + first;
    Real* to = panel + k * vectors * lanes;
    for (Index v = 0; v < whole; ++v) store(to + v * lanes, load(from + v * lanes));
    if (whole < vectors) store(to + whole * lanes, load_part(from + whole * lanes, width - whole * lanes));
  }
}

/// The same where b's columns are contiguous: blocks of lanes x lanes are transposed in registers.
void pack_columns(const Matrix& b, Index depth, Index first, Index width, Index vectors, Real* panel) {
  for (Index v = 0; v < vectors; ++v) {
    const Index valid = std::min<Index>(lanes, width - v * lanes);
    const Real* from = b.data + (first + v * lanes) * b.column;
    Real* to = panel + v * lanes;
    Index k = 0;
    if (valid == lanes) {
      for (; k + lanes <= depth; k += lanes) {
        Vec block[lanes];
#pragma GCC unroll 16
        for (int i = 0; i < lanes; ++i) block[i] = load(from + i * b.column + k);
        transpose(block);
#pragma GCC unroll 16
        for (int i = 0; i < lanes; ++i) store(to + (k + i) * vectors * lanes, block[i]);
      }
    }
    for (; k < depth; ++k) {
      for (Index j = 0; j < valid; ++j) to[k * vectors * lanes + j] = from[j * b.column + k];
      for (Index j = valid; j < lanes; ++j) to[k * vectors * lanes + j] = 0;
    }
  }
}

/// The left operand as the tiles read it, rows of a block side by side. One whose columns are far apart in memory, as a transposed one's
/// are, may be copied block by block: with a power of two between them all fall on the same few lines of the caches, and each panel reads
/// them anew.
class LeftOperand {
 public:
  LeftOperand(const Matrix& a, Index m, Index k, bool pack)
      : a_(a), k_(k), packed_(static_cast<std::size_t>(pack ? m * k : 0)), is_packed_(pack) {
    if (!pack) return;
    const Parts blocks(m, max_tile_rows);
    for (Index i = 0; i < blocks.count; ++i) copy(blocks.begin(i), blocks.size(i));
  }
  Matrix block(Index row, Index rows) const {
    return is_packed_ ? Matrix{packed_.data() + row * k_, 1, rows} : Matrix{a_.data + row * a_.row, a_.row, a_.column};
  }

 private:
  void copy(Index row, Index rows) {
    Real* to = packed_.data() + row * k_;
    for (Index k = 0; k < k_; ++k) {
      const Real* from = a_.data + row * a_.row + k * a_.column;
      for (Index r = 0; r < rows; ++r) *to++ = from[r * a_.row];
    }
  }
  Matrix a_;
  Index k_;
  Scratch<Real> packed_;
  bool is_packed_;
};

/// One panel of columns of c: packs the columns of b that it needs, then runs down the rows.
void panel_product(Index m, Index n, Index k, const LeftOperand& a, const Matrix& b, Real* c, Index ldc, const Epilogue& epilogue,
                   Index first_vector, Index vectors) {
  const Index first = first_vector * lanes;
  const Index width = std::min(n - first, vectors * lanes);
  const Scratch<Real> panel(static_cast<std::size_t>(k * vectors * lanes));
  b.column == 1 ? pack_rows(b, k, first, width, vectors, panel.data()) : pack_columns(b, k, first, width, vectors, panel.data());
  Real bias[max_tile_vectors * lanes] = {};
  if (epilogue.bias != nullptr) std::copy_n(epilogue.bias + first, width, bias);
  const Parts blocks(m, max_tile_rows);
  for (Index block = 0; block < blocks.count; ++block) {
    const Index row = blocks.begin(block);
    const Matrix rows = a.block(row, blocks.size(block));
    tile_of<StridedRows>(blocks.size(block), vectors)(k, rows, {panel.data(), vectors * lanes}, c + row * ldc + first, ldc, width,
                                                      epilogue.bias != nullptr ? bias : nullptr, epilogue);
  }
}

/// Each panel reads the left operand once: with fewer panels, or closer columns, its copy costs more than it brings.
constexpr Index fewest_panels_to_pack = 4;
constexpr Index far_columns = 512;

/// Below this many multiplications a second thread costs more than it brings.
constexpr Index parallel_work = Index{1} << 18;

}  // namespace

void gemm(Index m, Index n, Index k, Matrix a, Matrix b, Real* c, Index ldc, const Epilogue& epilogue) {
  if (m == 0 || n == 0) return;
  const Index tallest = std::min<Index>(m, max_tile_rows);
  const Parts panels((n + lanes - 1) / lanes, tile_vectors_for(static_cast<int>(tallest)));
  const LeftOperand left(a, m, k, a.column >= far_columns && panels.count >= fewest_panels_to_pack);
  const auto run = [&](Index panel) { panel_product(m, n, k, left, b, c, ldc, epilogue, panels.begin(panel), panels.size(panel)); };
  if (m * n * k >= parallel_work) return parallel_for(panels.count, run);
  for (Index panel = 0; panel < panels.count; ++panel) run(panel);
}

}  // namespace emotrain::kernels
