#include "emotrain/study/bootstrap.hpp"

#include <boost/math/distributions/normal.hpp>
#include <algorithm>
#include <cmath>
#include <limits>

#include "emotrain/core/random.hpp"
#include "emotrain/study/statistics.hpp"

namespace emotrain::study {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double normal_quantile(double p) {
  if (p <= 0) return -infinity;
  if (p >= 1) return infinity;
  return boost::math::quantile(boost::math::normal(), p);
}

double normal_probability(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

/// Part of the values below `at`; of those equal to it half.
double part_below(std::span<const double> values, double at) {
  const auto below = std::ranges::count_if(values, [at](double value) { return value < at; });
  const auto up_to = std::ranges::count_if(values, [at](double value) { return value <= at; });
  return static_cast<double>(below + up_to) / (2 * static_cast<double>(values.size()));
}

std::vector<double> jackknife(std::span<const double> sample, Statistic statistic) {
  std::vector<double> values;
  std::vector<double> rest;
  for (std::size_t out = 0; out < sample.size(); ++out) {
    rest.assign(sample.begin(), sample.end());
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(out));
    values.push_back(statistic(rest));
  }
  return values;
}

/// Efron and Tibshirani's a: a sixth of the skewness of the jackknife's influence values. 0 if they are all alike.
double acceleration(std::span<const double> sample, Statistic statistic) {
  const std::vector<double> values = jackknife(sample, statistic);
  // Infinite scores have no skewness: what is left is the percentile interval, corrected for bias.
  if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) return 0;
  const double average = mean(values);
  double squares = 0;
  double cubes = 0;
  for (const double value : values) {
    const double u = average - value;
    squares += u * u;
    cubes += u * u * u;
  }
  return squares == 0 ? 0 : cubes / (6 * std::pow(squares, 1.5));
}

}  // namespace

Interval bca_interval(std::span<const double> sample, Statistic statistic, double observed, std::span<const double> resampled,
                      double confidence) {
  const auto [least, most] = std::ranges::minmax(resampled);
  if (least == most && least == observed) return {observed, observed};
  const double bias = normal_quantile(part_below(resampled, observed));
  const double a = acceleration(sample, statistic);
  const auto end = [&](double z) {
    const double moved = bias + z;
    const double p = normal_probability(bias + moved / (1 - a * moved));
    return std::isnan(p) ? p : quantile(resampled, p);
  };
  const double z = normal_quantile((1 - confidence) / 2);
  return {end(z), end(-z)};
}

Interval bootstrap_interval(std::span<const double> sample, Statistic statistic, std::uint64_t seed, Index resamples, double confidence) {
  const RandomKey key{.seed = seed, .stream = Stream::bootstrap};
  const auto n = static_cast<std::uint64_t>(sample.size());
  std::vector<double> resampled;
  std::vector<double> drawn(sample.size());
  for (Index r = 0; r < resamples; ++r) {
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::uint64_t bits = random_bits(key, static_cast<std::uint64_t>(r), i);
      drawn[i] = sample[static_cast<std::size_t>(bits * n >> 32U)];
    }
    resampled.push_back(statistic(drawn));
  }
  return bca_interval(sample, statistic, statistic(sample), resampled, confidence);
}

}  // namespace emotrain::study
