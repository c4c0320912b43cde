#include <cblas.h>

#include "products.hpp"

namespace emotrain::bench {

void multiply_openblas(const Product& p, const float* a, const float* b, float* c) {
  const auto m = static_cast<blasint>(p.m);
  const auto n = static_cast<blasint>(p.n);
  const auto k = static_cast<blasint>(p.k);
  cblas_sgemm(CblasRowMajor, p.a_transposed ? CblasTrans : CblasNoTrans, p.b_transposed ? CblasTrans : CblasNoTrans, m, n, k, 1, a,
              p.a_transposed ? m : k, b, p.b_transposed ? k : n, 0, c, n);
}

void set_openblas_threads(int threads) { openblas_set_num_threads(threads); }

}  // namespace emotrain::bench
