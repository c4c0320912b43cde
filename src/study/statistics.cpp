#include "emotrain/study/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace emotrain::study {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double quantile(std::span<const double> values, double q) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const double part = place - static_cast<double>(below);
  if (part == 0) return sorted[below];
  const double low = sorted[below];
  const double high = sorted[below + 1];
  if (low == high) return low;
  // Between infinities of both signs there is no middle but 0; an infinite neighbour on one side is what counts.
  if (std::isinf(low)) return std::isinf(high) ? 0 : low;
  return std::isinf(high) ? high : low + part * (high - low);
}

std::vector<double> ranks(std::span<const double> values, double tolerance) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  const auto tied = [&](double less, double more) {
    return less == more || (std::isfinite(more) && more - less <= tolerance * std::abs(more));
  };
  std::vector<double> result(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && tied(values[order[last]], values[order[last + 1]])) ++last;
    const double shared = static_cast<double>(first + last) / 2 + 1;
    for (std::size_t i = first; i <= last; ++i) result[order[i]] = shared;
    first = last + 1;
  }
  return result;
}

std::vector<double> differences(std::span<const double> a, std::span<const double> b) {
  std::vector<double> result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = a[i] == b[i] ? 0 : a[i] - b[i];
  return result;
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p_values[i]; });
  std::vector<double> adjusted(p_values.size());
  double greatest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto left = static_cast<double>(order.size() - i);
    greatest = std::max(greatest, std::min(1.0, left * p_values[order[i]]));
    adjusted[order[i]] = greatest;
  }
  return adjusted;
}

double paired_effect(std::span<const double> differences) {
  const double average = mean(differences);
  double squares = 0;
  for (const double d : differences) squares += (d - average) * (d - average);
  return average / std::sqrt(squares / static_cast<double>(differences.size() - 1));
}

std::vector<std::vector<double>> performance_ratios(const std::vector<std::vector<double>>& costs) {
  std::vector<std::vector<double>> ratios = costs;
  const std::size_t problems = costs.empty() ? 0 : costs.front().size();
  for (std::size_t p = 0; p < problems; ++p) {
    double best = infinity;
    for (const std::vector<double>& of_solver : costs) best = std::min(best, of_solver[p]);
    for (std::vector<double>& of_solver : ratios) of_solver[p] = std::isinf(of_solver[p]) ? infinity : of_solver[p] / best;
  }
  return ratios;
}

double profile(std::span<const double> ratios, double tau) {
  const auto within = std::ranges::count_if(ratios, [tau](double ratio) { return ratio <= tau; });
  return static_cast<double>(within) / static_cast<double>(ratios.size());
}

}  // namespace emotrain::study
