#pragma once
#include <nlohmann/json.hpp>
#include <cmath>
#include <limits>
#include <string>

#include "emotrain/core/error.hpp"

namespace emotrain::study {

using Json = nlohmann::ordered_json;

/// JSON has no infinity: what is not finite is a string.
inline Json json_number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/// What json_number wrote. Throws Error{data} for another text.
inline double number_of(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const auto text = json.get<std::string>();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (text == "inf" || text == "-inf") return text == "inf" ? infinity : -infinity;
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  fail(ErrorKind::data, "\"{}\" is no number", text);
}

}  // namespace emotrain::study
