#pragma once
#include <cstdio>

#include "emotrain/report/terminal.hpp"
#include "emotrain/study/lesson_run.hpp"

namespace emotrain::study {

/// Shows a lesson at work to a person. On a terminal a line that is rewritten:
///
///      41% ━━━━━━━━━━──────────────── 34/84 runs · left 0:12
///
/// Elsewhere a line every ten seconds.
class LessonDisplay {
 public:
  LessonDisplay(std::FILE* stream, report::DisplayStyle style);
  /// Ends the line.
  ~LessonDisplay();
  LessonDisplay(const LessonDisplay&) = delete;
  LessonDisplay& operator=(const LessonDisplay&) = delete;

  void show(const LessonProgress& progress);

 private:
  std::FILE* stream_;
  report::DisplayStyle style_;
  double started_;
  double last_line_;
  bool is_drawn_ = false;
};

}  // namespace emotrain::study
