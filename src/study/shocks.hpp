#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/study/run_record.hpp"

namespace emotrain::study {

/// Places in the arrays of a record. Definition: episodes.hpp.
struct Shock {
  std::size_t from = 0;
  std::size_t to = 0;
  /// The last step of its recovery; `to` where it needs none.
  std::size_t recovery_to = 0;
  bool recovered = true;
  /// Whether the loss jumped, and from which median m; the level that counts as recovered is m + d. NaN with fewer than 8 losses before.
  bool jumped = false;
  double median = 0;
  double level = 0;
  /// The highest loss above its bound; infinite where a loss was not finite.
  double excess = 0;
  /// What began to be at work.
  std::vector<std::string> events;
};

/// In their order, without overlaps.
std::vector<Shock> find_shocks(const StepSeries& record);

}  // namespace emotrain::study
