#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "emotrain/core/real.hpp"

/// Functions to minimize that need no data: problems whose answer is known, and which a step takes no time on.
namespace emotrain::nn {

struct Interval {
  double low;
  double high;
};

struct Function {
  const char* name;
  /// In one line: formula, where its minimum is.
  const char* description;
  Index dimensions;
  /// Each coordinate of the start is drawn uniformly from its interval; a single one is that of all.
  std::span<const Interval> start_box;
  /// Deviation of the normal noise on each element of a gradient, and on a loss.
  double noise;
  double (*value)(std::span<const double> x);
  /// Writes the gradient.
  void (*gradient)(std::span<const double> x, std::span<double> out);
  /// Where it has its least value: points, one behind the other.
  std::span<const double> minima;
  double least = 0;
  /// The part of the plane that a picture shows, of a function of two coordinates.
  std::array<Interval, 2> window = {};

  /// Whatever starts with the same seed starts in the same place.
  void start(std::uint64_t seed, std::span<Real> x) const;
  std::size_t minima_count() const { return minima.size() / static_cast<std::size_t>(dimensions); }
  std::span<const double> minimum(std::size_t i) const {
    const auto n = static_cast<std::size_t>(dimensions);
    return minima.subspan(i * n, n);
  }
};

std::span<const Function> functions();
/// Their names, in the same order.
std::span<const char* const> function_names();
/// Null if there is none of that name.
const Function* find_function(std::string_view name);

}  // namespace emotrain::nn
