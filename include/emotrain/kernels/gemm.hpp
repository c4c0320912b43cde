#pragma once
#include "emotrain/core/real.hpp"

namespace emotrain::kernels {

/// A matrix operand: element (i, j) is at data[i * row + j * column]; one of the two strides is 1.
struct Matrix {
  const Real* data;
  Index row;
  Index column;

  Matrix transposed() const { return {data, column, row}; }
};

/// What happens to a result before it is stored.
struct Epilogue {
  /// Adds to what is in c, instead of overwriting it.
  bool accumulate = false;
  /// One value per column, added to each row; or null.
  const Real* bias = nullptr;
  /// max(0, .) at last.
  bool relu = false;
};

/// c (m, n), row-major with leading dimension ldc, = a (m, k) · b (k, n), then the epilogue. Each element is one chain of fused
/// multiply-adds over k in ascending order, so the result does not depend on the blocking or on the number of threads.
void gemm(Index m, Index n, Index k, Matrix a, Matrix b, Real* c, Index ldc, const Epilogue& epilogue = {});

}  // namespace emotrain::kernels
