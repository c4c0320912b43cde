#pragma once
#include <nlohmann/json.hpp>
#include <cmath>
#include <string>

namespace emotrain::study {

using Json = nlohmann::ordered_json;

/// JSON has no infinity: what is not finite is a string.
inline Json json_number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

}  // namespace emotrain::study
