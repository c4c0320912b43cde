#pragma once
#include <cmath>
#include <limits>
#include <vector>

#include "emotrain/core/random.hpp"

/// What products are compared with: plain loops in double, on reproducible random numbers.
namespace emotrain::test {

inline std::vector<Real> random_values(Index n, std::uint64_t step) {
  std::vector<Real> values(static_cast<std::size_t>(n));
  fill_uniform({.seed = 1, .stream = Stream::test}, step, values.data(), n, -1, 1);
  return values;
}

/// Largest |a - b|; infinite if one is NaN.
inline double largest_difference(const std::vector<Real>& a, const std::vector<double>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - b[i]);
    if (!(difference <= worst)) worst = std::isnan(difference) ? HUGE_VAL : difference;
  }
  return worst;
}

/// Rounding of a chain of `terms` sums of products of numbers in (-1, 1): partial sums grow like sqrt(terms) / 3, and so does the number of
/// rounding errors that do not cancel; the factor leaves room for the largest of many.
inline double tolerance(Index terms) {
  return static_cast<double>(std::numeric_limits<Real>::epsilon()) * (4 + 0.5 * static_cast<double>(terms));
}

}  // namespace emotrain::test
