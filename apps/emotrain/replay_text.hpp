#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "emotrain/train/replay.hpp"

/// What a replay is shown as.

struct ShownReplay {
  std::string file;
  std::string optimizer;
  const emotrain::train::Scenario& scenario;
  const emotrain::train::Replay& replay;
  /// Whether there was anything to compare with.
  bool is_judged = false;
};

/// A table of all steps, and below it the largest deviations.
std::string steps_text(const ShownReplay& shown);

/// Lines of a list of replays.
class SummaryLines {
 public:
  /// `names`: of all replays. Without anything to compare the lines tell what the optimizer did.
  SummaryLines(const std::vector<std::string>& names, bool is_judged);
  std::string title() const;
  /// One line; further ones for what is outside its tolerance.
  std::string line(const std::string& name, const ShownReplay& shown) const;

 private:
  std::size_t name_width_ = 0;
  bool is_judged_;
};

/// `resolved_options`: the optimizer's, JSON.
std::string replay_json(const ShownReplay& shown, const std::string& resolved_options);
