#include "emotrain/study/sobol.hpp"

#include <boost/random/sobol.hpp>
#include <cmath>

namespace emotrain::study {

std::vector<std::vector<double>> sobol_points(Index dimensions, Index count) {
  const auto d = static_cast<std::size_t>(dimensions);
  std::vector<std::vector<double>> points;
  if (count <= 0) return points;
  points.emplace_back(d, 0.0);
  // Boost's begins behind the origin.
  boost::random::sobol sequence(d);
  while (points.size() < static_cast<std::size_t>(count)) {
    std::vector<double>& point = points.emplace_back(d);
    for (double& coordinate : point) coordinate = std::ldexp(static_cast<double>(sequence()), -64);
  }
  return points;
}

}  // namespace emotrain::study
