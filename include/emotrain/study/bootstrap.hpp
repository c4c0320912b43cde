#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "emotrain/core/function_ref.hpp"
#include "emotrain/core/real.hpp"

namespace emotrain::study {

struct Interval {
  double low = 0;
  double high = 0;

  bool contains(double value) const { return low <= value && value <= high; }
};

using Statistic = FunctionRef<double(std::span<const double>)>;

/// The bias-corrected and accelerated interval (Efron 1987; Efron and Tibshirani 1993, 14.3) of a statistic of one sample, from its value
/// there (`observed`) and on bootstrap samples, rounded alike; as SciPy 1.10 stats.bootstrap, method "BCa". A sample whose statistic is the
/// same whichever value is left out has an interval of that one point. Where leaving one out makes the statistic infinite, the acceleration
/// is 0.
Interval bca_interval(std::span<const double> sample, Statistic statistic, double observed, std::span<const double> resampled,
                      double confidence = 0.95);

/// The same with `resamples` bootstrap samples, drawn by `seed`.
Interval bootstrap_interval(std::span<const double> sample, Statistic statistic, std::uint64_t seed, Index resamples = 10'000,
                            double confidence = 0.95);

}  // namespace emotrain::study
