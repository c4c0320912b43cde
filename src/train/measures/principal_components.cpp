#include "train/measures/principal_components.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "emotrain/core/random.hpp"
#include "emotrain/kernels/gemm.hpp"

namespace emotrain::train {
namespace {

constexpr Index extra_directions = 8;
constexpr int most_rounds = 100;
constexpr double least_part = 1e-6;
constexpr double tolerance = 1e-4;

double dot(const Real* a, const Real* b, Index n) {
  double sum = 0;
  for (Index i = 0; i < n; ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

/// The mean sample, subtracted from each.
void centre(const Tensor& samples) {
  const Index n = samples.shape()[0];
  const Index dimension = samples.shape()[1];
  std::vector<double> mean(static_cast<std::size_t>(dimension));
  for (Index i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += double{samples.data()[static_cast<std::size_t>(i * dimension) + j]};
  }
  for (double& value : mean) value /= static_cast<double>(n);
  for (Index i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < mean.size(); ++j) {
      Real& value = samples.data()[static_cast<std::size_t>(i * dimension) + j];
      value = static_cast<Real>(double{value} - mean[j]);
    }
  }
}

/// Gram and Schmidt's, twice for the sake of rounding. A row that depends on those before becomes 0.
void orthonormalize_rows(const Tensor& rows) {
  const Index count = rows.shape()[0];
  const Index dimension = rows.shape()[1];
  for (Index i = 0; i < count; ++i) {
    Real* row = rows.data() + i * dimension;
    const double before = std::sqrt(dot(row, row, dimension));
    for (int pass = 0; pass < 2; ++pass) {
      for (Index j = 0; j < i; ++j) {
        const Real* other = rows.data() + j * dimension;
        const double part = dot(row, other, dimension);
        for (Index k = 0; k < dimension; ++k) row[k] = static_cast<Real>(double{row[k]} - part * double{other[k]});
      }
    }
    const double norm = std::sqrt(dot(row, row, dimension));
    const double scale = norm > least_part * before ? 1 / norm : 0;
    for (Index k = 0; k < dimension; ++k) row[k] = static_cast<Real>(double{row[k]} * scale);
  }
}

/// A symmetric matrix (size, size), and what makes it diagonal.
struct EigenSystem {
  std::vector<double> values;
  /// Eigenvector k is row k.
  std::vector<double> vectors;
};

/// One of Jacobi's rotations: of rows and columns p and q, so that element (p, q) vanishes.
void rotate(std::vector<double>& a, std::vector<double>& vectors, std::size_t size, std::size_t p, std::size_t q) {
  if (a[p * size + q] == 0) return;
  const double theta = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q]);
  const double t = std::copysign(1, theta) / (std::abs(theta) + std::hypot(theta, 1));
  const double c = 1 / std::hypot(t, 1);
  const double s = t * c;
  const auto turn = [c, s](double& x, double& y) {
    const double old = x;
    x = c * old - s * y;
    y = s * old + c * y;
  };
  for (std::size_t k = 0; k < size; ++k) turn(a[k * size + p], a[k * size + q]);
  for (std::size_t k = 0; k < size; ++k) turn(a[p * size + k], a[q * size + k]);
  for (std::size_t k = 0; k < size; ++k) turn(vectors[p * size + k], vectors[q * size + k]);
}

/// By Jacobi's method (Golub and Van Loan, section 8.5); the greatest value first.
EigenSystem eigen_system(std::vector<double> a, std::size_t size) {
  std::vector<double> vectors(size * size);
  for (std::size_t i = 0; i < size; ++i) vectors[i * size + i] = 1;
  constexpr int sweeps = 12;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    for (std::size_t p = 0; p < size; ++p) {
      for (std::size_t q = p + 1; q < size; ++q) rotate(a, vectors, size, p, q);
    }
  }
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return a[i * size + i]; });
  EigenSystem out;
  for (const std::size_t i : order) {
    out.values.push_back(a[i * size + i]);
    out.vectors.insert(out.vectors.end(), &vectors[i * size], &vectors[i * size] + size);
  }
  return out;
}

/// Rows that are combinations of `rows`, by those of `weights`.
Tensor combine(const std::vector<double>& weights, const Tensor& rows) {
  const Index count = rows.shape()[0];
  const Index dimension = rows.shape()[1];
  Tensor out = Tensor::empty(rows.shape());
  std::vector<double> sum(static_cast<std::size_t>(dimension));
  for (Index i = 0; i < count; ++i) {
    std::ranges::fill(sum, 0);
    for (Index j = 0; j < count; ++j) {
      const double weight = weights[static_cast<std::size_t>(i * count + j)];
      const Real* row = rows.data() + j * dimension;
      for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += weight * double{row[k]};
    }
    for (std::size_t k = 0; k < sum.size(); ++k) out.data()[i * dimension + static_cast<Index>(k)] = static_cast<Real>(sum[k]);
  }
  return out;
}

/// One round of the iteration.
struct Round {
  /// Ritz's vectors in rows (p, D), and the covariance times each.
  Tensor directions;
  Tensor images;
  std::vector<double> variances;
};

Round iterate(const Tensor& samples, const Tensor& start) {
  const Index n = samples.shape()[0];
  const Index dimension = samples.shape()[1];
  const Index count = start.shape()[0];
  orthonormalize_rows(start);
  const Tensor projections = Tensor::empty({n, count});
  const kernels::Matrix x{samples.data(), dimension, 1};
  kernels::gemm(n, count, dimension, x, kernels::Matrix{start.data(), dimension, 1}.transposed(), projections.data(), count);
  const Tensor products = Tensor::empty(start.shape());
  kernels::gemm(count, dimension, n, kernels::Matrix{projections.data(), count, 1}.transposed(), x, products.data(), dimension);
  const auto size = static_cast<std::size_t>(count);
  std::vector<double> covariance(size * size);
  for (Index sample = 0; sample < n; ++sample) {
    const Real* row = projections.data() + sample * count;
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) covariance[i * size + j] += double{row[i]} * double{row[j]} / static_cast<double>(n);
    }
  }
  EigenSystem ritz = eigen_system(std::move(covariance), size);
  Round round{combine(ritz.vectors, start), combine(ritz.vectors, products), std::move(ritz.values)};
  for (Real& value : round.images.values()) value /= static_cast<Real>(n);
  return round;
}

bool has_converged(const Round& round, Index wanted) {
  const Index dimension = round.directions.shape()[1];
  for (Index k = 0; k < wanted; ++k) {
    const double variance = round.variances[static_cast<std::size_t>(k)];
    double residual = 0;
    for (Index i = k * dimension; i < (k + 1) * dimension; ++i)
      residual += std::pow(double{round.images.data()[i]} - variance * double{round.directions.data()[i]}, 2);
    if (std::sqrt(residual) > tolerance * variance) return false;
  }
  return true;
}

}  // namespace

PrincipalComponents principal_components(const Tensor& samples, Index most) {
  const Index dimension = samples.shape()[1];
  const Index count = std::min({most + extra_directions, samples.shape()[0], dimension});
  centre(samples);
  Round round{.directions = {}, .images = Tensor::empty({count, dimension}), .variances = {}};
  // Any start will do that no data is orthogonal to.
  fill_normal({.seed = 0, .stream = Stream::sample}, 0, round.images.data(), round.images.size(), 0, 1);
  Index wanted = 0;
  for (int i = 0; i < most_rounds; ++i) {
    round = iterate(samples, round.images);
    const auto is_worth = [&](double variance) { return variance > least_part * round.variances.front(); };
    wanted = std::min(most, static_cast<Index>(std::ranges::count_if(round.variances, is_worth)));
    if (has_converged(round, wanted)) break;
  }
  if (wanted == 0) return {};
  round.variances.resize(static_cast<std::size_t>(wanted));
  const auto values = static_cast<std::size_t>(wanted * dimension);
  return {Tensor::from({wanted, dimension}, round.directions.values().first(values)), std::move(round.variances)};
}

}  // namespace emotrain::train
