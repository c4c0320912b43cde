#include "study/tuning_result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace emotrain::study {
namespace {

constexpr double within = 0.1;

double number_at(const SearchSpace& space, double u) {
  const config::Value value = space.at(u);
  const auto* number = std::get_if<config::Number>(&value.data);
  return number == nullptr ? std::numeric_limits<double>::quiet_NaN() : number->value;
}

void add_sensitivity(const Arm& arm, TuningResult& result) {
  const auto rate = std::ranges::find_if(arm.spaces, [](const SearchSpace& space) { return space.name() == "lr"; });
  if (rate == arm.spaces.end()) return;
  const auto dimension = static_cast<std::size_t>(rate - arm.spaces.begin());
  std::vector<std::pair<double, double>> trials;
  for (std::size_t t = 0; t < result.points.size(); ++t) {
    trials.emplace_back(number_at(*rate, result.points[t][dimension]), result.tuning.means[t]);
  }
  std::ranges::sort(trials);
  for (const auto& [lr, score] : trials) {
    result.rates.push_back(lr);
    result.rate_scores.push_back(score);
  }
  const double best = std::ranges::min(result.rate_scores);
  if (!std::isfinite(best)) return;
  const double limit = best + within * std::abs(best);
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  for (const auto& [lr, score] : trials) {
    if (score > limit || lr <= 0) continue;
    low = std::min(low, lr);
    high = std::max(high, lr);
  }
  if (high > 0) result.width = std::log10(high / low);
}

}  // namespace

TuningResult tuning_result(const Study& study, const Records& records, std::size_t problem, std::size_t arm) {
  TuningResult result;
  result.tuning = tuning_of(study, records, problem, arm).value();
  result.points = trial_points(study.arms[arm], study.options.budget.trials);
  double best = std::numeric_limits<double>::infinity();
  for (const double score : result.tuning.means) result.best_so_far.push_back(best = std::min(best, score));
  add_sensitivity(study.arms[arm], result);
  return result;
}

std::vector<std::string> edge_flags(const Arm& arm, const TuningResult& result) {
  std::vector<std::string> flags;
  const std::vector<double>& point = result.points[result.tuning.chosen];
  // Of a single dimension few trials may reach nobody's outer tenth: then the outermost of them is the edge of what was searched.
  const auto [least, greatest] = std::ranges::minmax(result.points);
  const bool outermost = arm.spaces.size() == 1 && (point == least || point == greatest);
  for (std::size_t i = 0; i < arm.spaces.size(); ++i) {
    const SearchSpace& space = arm.spaces[i];
    if (space.kind == SearchSpace::Kind::choice || !(outermost || space.at_edge(point[i]))) continue;
    flags.push_back(fmt::format("{} {:.3g} is at the edge of its range, {:g} to {:g}{}", space.name(), number_at(space, point[i]),
                                space.low, space.high, space.at_edge(point[i]) ? "" : ", as far as it was tried"));
  }
  return flags;
}

}  // namespace emotrain::study
