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

std::vector<std::size_t> by_rank(const TrackResult& track) {
  std::vector<std::size_t> order(track.arms.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t place) { return track.ranks[place]; });
  return order;
}

}  // namespace emotrain::study
