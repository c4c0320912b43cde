#include "study/ordering.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace emotrain::study {

bool by_median(const ProblemResult& problem) {
  return std::ranges::any_of(problem.arms, [](const ArmResult& arm) { return !std::isfinite(arm.final.mean); });
}

std::size_t leader(const ProblemResult& problem) {
  const bool medians = by_median(problem);
  const auto key = [&](const ArmResult& arm) { return medians ? arm.final.median : arm.final.mean; };
  return static_cast<std::size_t>(std::ranges::min_element(problem.arms, {}, key) - problem.arms.begin());
}

Outcome seen_from(const PairComparison& pair, std::size_t place) {
  if (place == pair.first || (pair.outcome != Outcome::first_better && pair.outcome != Outcome::second_better)) return pair.outcome;
  return pair.outcome == Outcome::first_better ? Outcome::second_better : Outcome::first_better;
}

std::map<Outcome, int> outcomes_between(const TrackResult& track, std::size_t place, std::size_t other) {
  std::map<Outcome, int> counts;
  const auto [first, second] = std::minmax(place, other);
  for (const ProblemResult& problem : track.problems) {
    for (const PairComparison& pair : problem.final_pairs) {
      if (pair.first == first && pair.second == second) ++counts[seen_from(pair, place)];
    }
  }
  return counts;
}

std::vector<std::size_t> by_rank(const TrackResult& track) {
  std::vector<std::size_t> order(track.arms.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t place) { return track.ranks[place]; });
  return order;
}

}  // namespace emotrain::study
