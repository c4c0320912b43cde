#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/study/lesson_run.hpp"
#include "emotrain/train/trainer.hpp"
#include "study/lesson_series.hpp"

namespace emotrain::study {

/// What a run leaves to those that go on from it; values are copies.
struct CellEnd {
  /// As training has them, with the optimizer's state.
  train::Checkpoint all;
  /// As evaluations have them.
  std::vector<nn::NamedTensor> weights;
};

CellEnd end_of(train::Trainer& trainer);
/// Before the first step. Throws Error{usage, data} if it does not fit.
void take_up(train::Trainer& trainer, const CellEnd& end, Carry carry);

/// A cell's run with one seed.
struct CellRun {
  CellSeries series;
  std::string divergence;
  /// Names of what its last evaluation had.
  std::string metrics;
  std::optional<CellEnd> end;
  /// Of its emotion, by step.
  std::vector<double> scalars;
};

struct CellTask {
  const train::RunConfig& config;
  const data::Splits& splits;
  /// That it is to have.
  Index steps = 0;
  /// Of the series that are kept.
  std::vector<std::string> keys;
  /// The run that it goes on from, or null; it keeps its end.
  const CellRun* before = nullptr;
  Carry carry = Carry::nothing;
  bool keeps_end = false;
  /// The run whose scalars its emotion uses, or null; it keeps them.
  const CellRun* scalars = nullptr;
  bool keeps_scalars = false;
};
CellRun run_cell(const CellTask& task, const LessonBench::Settings& settings);

}  // namespace emotrain::study
