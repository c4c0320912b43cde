#pragma once
#include <span>
#include <vector>

#include "emotrain/study/bootstrap.hpp"
#include "emotrain/study/statistics.hpp"

/// Arms of a comparison (optimizers with their options) on one problem: scores by seed, paired, since for a given seed all arms start from
/// the same weights and see the same batches. Less is better; a job that diverged has the score +infinity.
namespace emotrain::study {

/// Below that many seeds no signed-rank test can come out below 0.01, and an interval is a guess: nothing is detected.
constexpr Index fewest_seeds = 8;
constexpr double significance = 0.05;

struct ArmSummary {
  double mean = 0;
  double median = 0;
  /// Quartiles.
  double low = 0;
  double high = 0;
  double best = 0;
  double worst = 0;
  Index divergences = 0;
  /// Among the arms of the problem, 1 is the best; mean over the seeds.
  double mean_rank = 0;
};

enum class Outcome {
  identical,      ///< every seed has the same score in both
  too_few_seeds,  ///< cannot tell, whatever the numbers
  undetected,     ///< no difference detected: neither that there is one, nor that there is none
  first_better,
  second_better,
  not_declared,  ///< one would be better, but one of the two was tuned to the edge of its search range
};

struct PairComparison {
  std::size_t first = 0;
  std::size_t second = 0;
  /// Of first - second: its mean, or where one of them diverged its median.
  double difference = 0;
  bool by_median = false;
  /// 95 %, paired bootstrap, BCa.
  Interval interval = {};
  SignedRank test = {};
  /// The test's p, by Holm's method, over all pairs of the problem.
  double adjusted_p = 1;
  /// Cohen's d of the pairs; NaN where one of them diverged, infinite where all differences are equal.
  double effect = 0;
  Outcome outcome = Outcome::undetected;
};

/// `scores[arm][seed]`.
std::vector<ArmSummary> summarize(const std::vector<std::vector<double>>& scores);
/// All pairs, first < second. One is better if its adjusted p is below 0.05 and the interval of the difference does not hold 0. `seed`
/// draws the bootstrap samples.
std::vector<PairComparison> compare_pairs(const std::vector<std::vector<double>>& scores, std::uint64_t seed);

}  // namespace emotrain::study
