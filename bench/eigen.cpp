#include <Eigen/Core>

#include "products.hpp"

namespace emotrain::bench {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void multiply_eigen(const Product& p, const float* a, const float* b, float* c) {
  const Eigen::Map<const RowMajor> left(a, p.a_transposed ? p.k : p.m, p.a_transposed ? p.m : p.k);
  const Eigen::Map<const RowMajor> right(b, p.b_transposed ? p.n : p.k, p.b_transposed ? p.k : p.n);
  Eigen::Map<RowMajor> result(c, p.m, p.n);
  if (p.a_transposed) {
    result.noalias() = left.transpose() * right;
  } else if (p.b_transposed) {
    result.noalias() = left * right.transpose();
  } else {
    result.noalias() = left * right;
  }
}

void set_eigen_threads(int threads) { Eigen::setNbThreads(threads); }

}  // namespace emotrain::bench
