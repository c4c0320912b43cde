#include "study/metric.hpp"

#include <algorithm>

namespace emotrain::study {

std::optional<double> metric_of(const JobRecord& record, const std::string& name) {
  const bool is_error = name.ends_with("_error");
  const std::string recorded = is_error ? name.substr(0, name.find('_')) + "_accuracy" : name;
  const auto found = std::ranges::find(record.metrics, recorded, &report::Metric::name);
  if (found == record.metrics.end()) return std::nullopt;
  return is_error ? 1 - found->value : found->value;
}

}  // namespace emotrain::study
