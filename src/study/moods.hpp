#pragma once
#include <array>
#include <vector>

#include "emotrain/study/episodes.hpp"
#include "study/temper.hpp"

namespace emotrain::study {

/// Steps of a run, by their places in its arrays, that hang together.
struct Mood {
  EpisodeKind kind = EpisodeKind::quiet;
  std::size_t from = 0;
  std::size_t to = 0;
  /// Does not join others: a shock or a recovery.
  bool fixed = false;
  /// How many of its steps are quiet, of relief, of tension.
  std::array<std::size_t, 3> steps{};

  std::size_t length() const { return to - from + 1; }
};

/// quiet, relief or tension of each step, with hysteresis. Definition: episodes.hpp.
std::vector<EpisodeKind> moods_of_steps(const StepSeries& record, const Temper& temper);

/// Joins what is shorter than `least`, and more until there are no more than `count`; `moods` follow each other without gaps.
std::vector<Mood> join_short(std::vector<Mood> moods, std::size_t least, std::size_t count);

}  // namespace emotrain::study
