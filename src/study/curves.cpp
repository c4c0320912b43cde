#include "study/curves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace emotrain::study {
namespace {

using Runs = std::vector<const JobRecord*>;

template <class Of>
Band band_of(const Runs& runs, std::size_t stretches, Of&& of) {
  Band band;
  bool any = false;
  for (std::size_t s = 0; s < stretches; ++s) {
    std::vector<double> values;
    for (const JobRecord* run : runs) {
      std::optional<double> value;
      if (s < run->stretches.size()) value = of(run->stretches[s]);
      any |= value.has_value();
      values.push_back(value && !std::isnan(*value) ? *value : std::numeric_limits<double>::infinity());
    }
    band.low.push_back(quantile(values, 0.25));
    band.median.push_back(quantile(values, 0.5));
    band.high.push_back(quantile(values, 0.75));
  }
  return any ? band : Band();
}

}  // namespace

Curves curves_of(const Runs& runs) {
  Curves curves;
  const auto longest = std::ranges::max_element(runs, {}, [](const JobRecord* run) { return run->stretches.size(); });
  for (const Stretch& stretch : (*longest)->stretches) curves.steps.push_back(stretch.step);
  const std::size_t n = curves.steps.size();
  curves.loss = band_of(runs, n, [](const Stretch& s) { return std::optional(s.loss); });
  curves.validation = band_of(runs, n, [](const Stretch& s) { return s.validation; });
  curves.scalar = band_of(runs, n, [](const Stretch& s) { return s.scalar; });
  curves.ratio = band_of(runs, n, [](const Stretch& s) { return s.ratio; });
  curves.drive = band_of(runs, n, [](const Stretch& s) { return s.drive; });
  curves.shadow_distance = band_of(runs, n, [](const Stretch& s) { return s.shadow_distance; });
  return curves;
}

}  // namespace emotrain::study
