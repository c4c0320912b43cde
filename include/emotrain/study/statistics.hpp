#pragma once
#include <span>
#include <vector>

#include "emotrain/core/real.hpp"

/// What a comparison says of samples. A run that diverged has the value +infinity: it takes part in everything that looks at order.
namespace emotrain::study {

double mean(std::span<const double> values);
/// By linear interpolation between the order statistics (NumPy's default, type 7 of Hyndman and Fan 1996). An infinite neighbour
/// counts as soon as it has a part in the interpolation; between infinities of both signs the result is 0.
double quantile(std::span<const double> values, double q);
inline double median(std::span<const double> values) { return quantile(values, 0.5); }

/// Ranks from 1, ascending; values that are equal, or differ from the next by at most that part of it, share the mean of their ranks.
std::vector<double> ranks(std::span<const double> values, double tolerance = 0);

/// a[i] - b[i], with 0 for two that are equal, infinite ones too.
std::vector<double> differences(std::span<const double> a, std::span<const double> b);

/// Wilcoxon's signed-rank test that paired differences are symmetric about 0, two-sided.
/// Source: Wilcoxon, "Individual comparisons by ranking methods", 1945; SciPy 1.10 stats.wilcoxon (zero_method "wilcox", no correction).
struct SignedRank {
  /// Sums of the ranks of |d| over positive and negative differences; zeros are left out.
  double positive = 0;
  double negative = 0;
  /// Differences other than 0.
  Index n = 0;
  /// 1 if there are none.
  double p = 1;
  bool exact = true;

  /// Rank-biserial correlation, the effect size that goes with the test (Kerby 2014): (positive - negative) / (positive + negative), from
  /// -1 to 1; 0 if there are no differences.
  double correlation() const { return n == 0 ? 0 : (positive - negative) / (positive + negative); }
};
enum class SignedRankMethod {
  automatic,    ///< exact for at most 50 differences
  exact,        ///< over all 2^n signs of the ranks that are there, ties included
  approximate,  ///< by the normal distribution, its variance corrected for ties
};
SignedRank signed_rank_test(std::span<const double> differences, SignedRankMethod method = SignedRankMethod::automatic);

/// Holm's step-down adjustment of p-values that are tested together (Holm 1979), in their own order: with an adjusted value below alpha a
/// test is significant while the chance that any is so wrongly stays below alpha.
std::vector<double> holm(std::span<const double> p_values);

/// Mean of the differences over their standard deviation (Cohen's d for paired samples); infinite or NaN where that is 0.
double paired_effect(std::span<const double> differences);

/// Dolan and Moré, "Benchmarking optimization software with performance profiles", 2002. `costs[s][p]`: of solver s on problem p, positive,
/// infinite where it failed. Returns the ratios to the best solver of each problem, in the same layout; infinite where it failed.
std::vector<std::vector<double>> performance_ratios(const std::vector<std::vector<double>>& costs);
/// The part of the problems on which a solver's ratio is at most tau.
double profile(std::span<const double> ratios, double tau);

}  // namespace emotrain::study
