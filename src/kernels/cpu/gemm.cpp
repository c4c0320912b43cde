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

/// One panel of columns of c: packs the columns of b that it needs, then runs down the rows.
void panel_product(Index m, Index n, Index k, const Matrix& a, const Matrix& b, Real* c, Index ldc, const Epilogue& epilogue,
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
    const Matrix rows{a.data + row * a.row, a.row, a.column};
    tile_of<StridedRows>(blocks.size(block), vectors)(k, rows, {panel.data(), vectors * lanes}, c + row * ldc + first, ldc, width,
                                                      epilogue.bias != nullptr ? bias : nullptr, epilogue);
  }
}

/// Below this many multiplications a second thread costs more than it brings.
constexpr Index parallel_work = Index{1} << 18;

}  // namespace

void gemm(Index m, Index n, Index k, Matrix a, Matrix b, Real* c, Index ldc, const Epilogue& epilogue) {
  if (m == 0 || n == 0) return;
  const Index tallest = std::min<Index>(m, max_tile_rows);
  const Parts panels((n + lanes - 1) / lanes, tile_vectors_for(static_cast<int>(tallest)));
  const auto run = [&](Index panel) { panel_product(m, n, k, a, b, c, ldc, epilogue, panels.begin(panel), panels.size(panel)); };
  if (m * n * k >= parallel_work) return parallel_for(panels.count, run);
  for (Index panel = 0; panel < panels.count; ++panel) run(panel);
}

}  // namespace emotrain::kernels
