#include <algorithm>
#include <cmath>
#include <vector>

#include "emotrain/study/statistics.hpp"

namespace emotrain::study {
namespace {

/// P(sum of the ranks of positive differences <= sum), each sign as likely as the other. Ranks are halves of whole numbers.
double probability_up_to(std::span<const double> ranks, double sum) {
  const auto doubled = [](double rank) { return static_cast<std::size_t>(std::llround(2 * rank)); };
  std::size_t greatest = 0;
  for (const double rank : ranks) greatest += doubled(rank);
  std::vector<double> probability(greatest + 1, 0.0);
  probability[0] = 1;
  std::size_t reached = 0;
  for (const double rank : ranks) {
    const std::size_t step = doubled(rank);
    reached += step;
    for (std::size_t s = reached + 1; s-- > 0;) probability[s] = (probability[s] + (s >= step ? probability[s - step] : 0)) / 2;
  }
  double total = 0;
  for (std::size_t s = 0; s <= std::min(doubled(sum), greatest); ++s) total += probability[s];
  return total;
}

double approximate_p(std::span<const double> ranks, double smaller) {
  const auto n = static_cast<double>(ranks.size());
  double ties = 0;
  std::vector<double> sorted(ranks.begin(), ranks.end());
  std::ranges::sort(sorted);
  for (auto first = sorted.begin(); first != sorted.end();) {
    const auto last = std::upper_bound(first, sorted.end(), *first);
    const auto t = static_cast<double>(last - first);
    ties += t * (t * t - 1);
    first = last;
  }
  const double variance = (n * (n + 1) * (2 * n + 1) - 0.5 * ties) / 24;
  const double z = (smaller - n * (n + 1) / 4) / std::sqrt(variance);
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

}  // namespace

SignedRank signed_rank_test(std::span<const double> differences, SignedRankMethod method) {
  std::vector<double> sizes;
  std::vector<bool> is_positive;
  for (const double d : differences) {
    if (d == 0) continue;
    sizes.push_back(std::abs(d));
    is_positive.push_back(d > 0);
  }
  SignedRank result{.n = static_cast<Index>(sizes.size())};
  if (sizes.empty()) return result;
  // Error rates that differ by as many counts differ by the same, but for rounding.
  constexpr double rounding = 1e-9;
  const std::vector<double> ranked = ranks(sizes, rounding);
  for (std::size_t i = 0; i < ranked.size(); ++i) (is_positive[i] ? result.positive : result.negative) += ranked[i];
  constexpr Index most_exact = 50;
  result.exact = method == SignedRankMethod::exact || (method == SignedRankMethod::automatic && result.n <= most_exact);
  const double smaller = std::min(result.positive, result.negative);
  result.p = result.exact ? std::min(1.0, 2 * probability_up_to(ranked, smaller)) : approximate_p(ranked, smaller);
  return result;
}

}  // namespace emotrain::study
