#pragma once
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emotrain/report/records.hpp"
#include "emotrain/study/lesson_expression.hpp"

namespace emotrain::study {

/// Values at steps, ascending.
struct Series {
  std::vector<Index> steps;
  std::vector<double> values;
};

/// What is kept of a cell's run.
struct CellSeries {
  /// That the run was to have, and has.
  Index planned = 0;
  Index done = 0;
  bool diverged = false;
  /// By their keys. Of a run that diverged a loss or an error is infinite from there on, and an accuracy 0.
  std::map<std::string, Series> series;
};

/// What is wrong with a key, and the remedy; empty: nothing.
std::string fault_of_key(const std::string& key);
/// Whether it is one of an evaluation.
bool is_of_evaluation(const std::string& key);
/// Whether it is infinite for a run that diverged.
bool is_loss(const std::string& key);
/// What a run that diverged has of a key from there on: an infinite loss or error, an accuracy of 0; none of other keys.
std::optional<double> lost(const std::string& key);

/// Picks the series that are wanted out of a run's records.
class SeriesRecorder {
 public:
  /// `out` outlives it.
  SeriesRecorder(std::span<const std::string> keys, CellSeries& out);

  void add(const report::StepRecord& record);
  void add(Index step, std::span<const report::Metric> metrics);

 private:
  using Getter = std::function<std::optional<double>(const report::StepRecord&)>;
  struct Wanted {
    std::string key;
    Getter get;
    Series* series;
  };

  CellSeries& out_;
  std::vector<Wanted> steps_;
  std::vector<Wanted> evaluations_;
};

using SeriesBook = std::map<std::string, CellSeries>;

/// The value of a call, from the cells that it names. NaN where there is none: of a series without values or with one that is missing, of a
/// step before the first or behind the last that was planned.
double reduce(const Expression& call, const SeriesBook& cells);

/// At most `count` points: means over as many stretches of the run's steps, each at its end, so that runs of the same length have the same
/// steps; as it is, if it has no more and the key is one of an evaluation, or the run no more steps.
Series thinned(const std::string& key, const CellSeries& run, Index count);

}  // namespace emotrain::study
