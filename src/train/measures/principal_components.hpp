#pragma once
#include <vector>

#include "emotrain/core/tensor.hpp"

namespace emotrain::train {

/// Orthonormal directions in which samples vary most (Pearson, "On lines and planes of closest fit", 1901; Hotelling, 1933).
struct PrincipalComponents {
  /// (k, D), that of the greatest variance first; undefined if k is 0. Signs are arbitrary.
  Tensor directions;
  /// Of the projections: sum over the samples / number of samples, k of them, falling.
  std::vector<double> variances;
};

/// The first `most` of the samples (n, D), or as many as have a variance worth the name (more than 1e-6 of the first's: Real's precision).
/// Centres `samples` by their mean, in place. Subspace iteration with Rayleigh and Ritz's rotation (Golub and Van Loan, "Matrix
/// computations", section 8.2) on 8 directions more than are wanted, from a fixed start, until |C v - variance v| <= 1e-4 variance for
/// each (C: the covariance), for at most 100 rounds.
PrincipalComponents principal_components(const Tensor& samples, Index most);

}  // namespace emotrain::train
