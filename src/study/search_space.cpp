#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "emotrain/study/study.hpp"

namespace emotrain::study {
namespace {

config::Value* at_path(config::Value& document, std::span<const std::string> path) {
  config::Value* value = &document;
  for (const std::string& key : path) value = &value->find(key)->value;
  return value;
}

}  // namespace

std::string SearchSpace::name() const { return fmt::format("{}", fmt::join(path, ".")); }

config::Value SearchSpace::at(double u) const {
  if (kind == Kind::choice) {
    const auto n = static_cast<double>(choices.size());
    return choices[static_cast<std::size_t>(std::min(u * n, n - 1))];
  }
  const double inner = kind == Kind::uniform ? low + u * (high - low) : std::exp(std::log(low) + u * (std::log(high) - std::log(low)));
  // The ends as they are written, not as the exponential of a logarithm.
  return {.place = {}, .data = config::Number{u <= 0 ? low : u >= 1 ? high : inner, {}}};
}

bool SearchSpace::at_edge(double u) const { return kind != Kind::choice && (u < 0.1 || u > 0.9); }

config::Value Arm::at(std::span<const double> point) const {
  config::Value value = document;
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    config::Value* place = at_path(value, spaces[i].path);
    const config::Place where = place->place;
    *place = spaces[i].at(point[i]);
    place->place = where;
  }
  return value;
}

}  // namespace emotrain::study
