#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emotrain/data/dataset.hpp"
#include "emotrain/study/lesson_records.hpp"

namespace emotrain::study {

/// A lesson's runs in one size, with their data, loaded once for each section `data`. A job is one seed of cells that belong together:
/// those that go on from each other, and those that a call compares step by step.
class LessonBench {
 public:
  /// Loads the data and builds every run: what does not fit is found before the first step. Throws Error{usage} with the cell's name;
  /// Error{data, missing, io} as loading does. `lesson` outlives it.
  LessonBench(const Lesson& lesson, LessonSize size);

  const Lesson& lesson() const { return lesson_; }
  Index seeds() const { return lesson_.size(size_).seeds; }
  /// Numbers of cells, those that others go on from first.
  const std::vector<std::vector<std::size_t>>& groups() const { return groups_; }
  /// Of all runs of a group.
  Index steps(const std::vector<std::size_t>& group) const;

  struct Settings {
    /// Asked before each step; true: JobInterrupted (job.hpp) is thrown.
    std::function<bool()> interrupted = {};
    /// Called after each step.
    std::function<void()> stepped = {};
  };
  /// On the calling thread; several at once, once set_threads(1) has been called. A run that diverges is recorded as such.
  std::vector<std::pair<LessonKey, LessonRecord>> run(const std::vector<std::size_t>& group, Index seed, const Settings& settings) const;

 private:
  void load(std::size_t cell, std::map<std::string, data::Splits>& known);
  void check(std::size_t cell);

  const Lesson& lesson_;
  LessonSize size_;
  std::vector<std::vector<std::size_t>> groups_;
  /// Beside the cells.
  std::vector<data::Splits> splits_;
  std::vector<Index> steps_;
};

/// How far the runs of a lesson are.
struct LessonProgress {
  Index runs = 0;
  Index runs_done = 0;
  Index steps = 0;
  Index steps_done = 0;
  /// Of the steps done, those that this process found recorded.
  Index steps_found = 0;
};

struct LessonExecution {
  /// Jobs at a time, each on one thread.
  int workers = 1;
  /// About ten times a second, and at the end.
  std::function<void(const LessonProgress&)> tick = {};
  std::function<bool()> interrupted = {};
};

/// Does the runs that `file` has no record of, and then sorts it. Returns false if it was interrupted. Sets the number of threads to 1.
/// Throws Error{io} if a record cannot be written, and what a run throws other than that it diverged.
bool run_lesson(const LessonBench& bench, LessonRecordFile& file, const LessonExecution& how);

}  // namespace emotrain::study
