#pragma once
#include <cmath>
#include <functional>
#include <vector>

#include "emotrain/core/tensor.hpp"

/// Formulas written out with one loop per axis, in double: what the engine's results are compared with.
namespace emotrain::test {

using Doubles = std::vector<double>;
using Place = std::vector<Index>;

/// The element of t at a place of a larger shape to which t was broadcast: aligned at the end, extent 1 repeats.
inline double at(const Tensor& t, const Place& place) {
  Index offset = 0;
  for (int axis = 0; axis < t.rank(); ++axis) {
    const Index extent = t.shape()[axis];
    const Index coordinate = place[place.size() - static_cast<std::size_t>(t.rank() - axis)];
    offset = offset * extent + (extent == 1 ? 0 : coordinate);
  }
  return static_cast<double>(t.data()[offset]);
}

inline void for_places(const Shape& shape, const std::function<void(const Place&)>& f) {
  Place place(static_cast<std::size_t>(shape.rank()));
  for (Index i = 0; i < shape.size(); ++i) {
    Index rest = i;
    for (std::size_t axis = place.size(); axis-- > 0;) {
      place[axis] = rest % shape[static_cast<int>(axis)];
      rest /= shape[static_cast<int>(axis)];
    }
    f(place);
  }
}

/// f(place) for every place of a shape.
inline Doubles tabulate(const Shape& shape, const std::function<double(const Place&)>& f) {
  Doubles values;
  for_places(shape, [&](const Place& place) { values.push_back(f(place)); });
  return values;
}

/// The largest |y - expected| / (1 + |expected|); NaN must meet NaN. Infinite if the sizes differ.
inline double largest_miss(std::span<const Real> y, const Doubles& expected) {
  if (y.size() != expected.size()) return HUGE_VAL;
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto value = static_cast<double>(y[i]);
    if (value == expected[i] || (std::isnan(value) && std::isnan(expected[i]))) continue;
    const double miss = std::abs(value - expected[i]) / (1 + std::abs(expected[i]));
    worst = std::isnan(miss) ? HUGE_VAL : std::max(worst, miss);
  }
  return worst;
}

/// A few roundings of results that were not summed over many terms.
constexpr double tolerance = sizeof(Real) == 4 ? 2e-6 : 1e-13;

}  // namespace emotrain::test
