#include "emotrain/study/comparison.hpp"

#include <algorithm>
#include <cmath>

namespace emotrain::study {
namespace {

using Scores = std::vector<std::vector<double>>;

bool is_finite(std::span<const double> values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

/// Mean over the seeds of each arm's rank.
std::vector<double> mean_ranks(const Scores& scores) {
  std::vector<double> sums(scores.size(), 0.0);
  const std::size_t seeds = scores.front().size();
  std::vector<double> of_seed(scores.size());
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    for (std::size_t arm = 0; arm < scores.size(); ++arm) of_seed[arm] = scores[arm][seed];
    const std::vector<double> ranked = ranks(of_seed);
    for (std::size_t arm = 0; arm < scores.size(); ++arm) sums[arm] += ranked[arm];
  }
  for (double& sum : sums) sum /= static_cast<double>(seeds);
  return sums;
}

PairComparison compare(const Scores& scores, std::size_t first, std::size_t second, std::uint64_t seed) {
  const std::vector<double> d = differences(scores[first], scores[second]);
  PairComparison pair{.first = first, .second = second, .by_median = !is_finite(d)};
  const auto center = [&](std::span<const double> values) { return pair.by_median ? median(values) : mean(values); };
  pair.difference = center(d);
  pair.interval = bootstrap_interval(d, center, seed);
  pair.test = signed_rank_test(d);
  pair.effect = paired_effect(d);
  return pair;
}

Outcome outcome_of(const PairComparison& pair, std::size_t seeds) {
  if (pair.test.n == 0) return Outcome::identical;
  if (static_cast<Index>(seeds) < fewest_seeds) return Outcome::too_few_seeds;
  if (pair.adjusted_p >= significance) return Outcome::undetected;
  // Where more than half diverged the interval may have no ends: then the ranks say which way.
  const bool unknown = std::isnan(pair.interval.low) || std::isnan(pair.interval.high);
  if (unknown) return pair.test.negative > pair.test.positive ? Outcome::first_better : Outcome::second_better;
  if (pair.interval.high < 0) return Outcome::first_better;
  return pair.interval.low > 0 ? Outcome::second_better : Outcome::undetected;
}

}  // namespace

std::vector<ArmSummary> summarize(const Scores& scores) {
  const std::vector<double> rank = mean_ranks(scores);
  std::vector<ArmSummary> result;
  for (std::size_t arm = 0; arm < scores.size(); ++arm) {
    const std::vector<double>& s = scores[arm];
    result.push_back({.mean = mean(s),
                      .median = median(s),
                      .low = quantile(s, 0.25),
                      .high = quantile(s, 0.75),
                      .best = std::ranges::min(s),
                      .worst = std::ranges::max(s),
                      .divergences = std::ranges::count_if(s, [](double score) { return std::isinf(score); }),
                      .mean_rank = rank[arm]});
  }
  return result;
}

std::vector<PairComparison> compare_pairs(const Scores& scores, std::uint64_t seed) {
  std::vector<PairComparison> pairs;
  std::vector<double> p_values;
  for (std::size_t first = 0; first < scores.size(); ++first) {
    for (std::size_t second = first + 1; second < scores.size(); ++second) {
      pairs.push_back(compare(scores, first, second, seed));
      p_values.push_back(pairs.back().test.p);
    }
  }
  const std::vector<double> adjusted = holm(p_values);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i].adjusted_p = adjusted[i];
    pairs[i].outcome = outcome_of(pairs[i], scores.front().size());
  }
  return pairs;
}

}  // namespace emotrain::study
