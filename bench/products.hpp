#pragma once
#include "emotrain/kernels/gemm.hpp"

namespace emotrain::bench {

/// c (m, n) = a · b, a being (m, k) or given as its transpose (k, m), b being (k, n) or given as its transpose (n, k); row-major.
struct Product {
  Index m, n, k;
  bool a_transposed, b_transposed;
};

void multiply_eigen(const Product& p, const float* a, const float* b, float* c);
void set_eigen_threads(int threads);

/// Only with EMOTRAIN_BENCH_OPENBLAS.
void multiply_openblas(const Product& p, const float* a, const float* b, float* c);
void set_openblas_threads(int threads);

}  // namespace emotrain::bench
