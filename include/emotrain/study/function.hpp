#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "emotrain/core/real.hpp"

/// Functions to minimize that need no data: problems whose answer is known, and which a step takes no time on.
namespace emotrain::study {

struct Function {
  const char* name;
  /// In one line: formula, where its minimum is.
  const char* description;
  Index dimensions;
  /// Each coordinate of the start is drawn uniformly from here to there.
  double start_low, start_high;
  /// Deviation of the normal noise on each element of a gradient, and on a loss.
  double noise;
  double (*value)(std::span<const double> x);
  /// Writes the gradient.
  void (*gradient)(std::span<const double> x, std::span<double> out);

  /// Whatever starts with the same seed starts in the same place.
  void start(std::uint64_t seed, std::span<Real> x) const;
};

std::span<const Function> functions();
/// Null if there is none of that name.
const Function* find_function(std::string_view name);

}  // namespace emotrain::study
