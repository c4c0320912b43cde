#include "train/run_records.hpp"

#include <utility>

namespace emotrain::train {
namespace {

constexpr const char* metrics_file = "metrics.jsonl";

report::MetricsFile open_metrics(const RunRequest& request, const std::filesystem::path& directory, const TrainerState& state) {
  if (request.resume) return {directory / metrics_file, state.metrics_bytes, *request.files};
  return report::MetricsFile(directory / metrics_file, *request.files);
}

}  // namespace

RunRecords::RunRecords(const RunRequest& request, std::filesystem::path directory, const TrainerState& state)
    : request_(request), directory_(std::move(directory)), metrics_(open_metrics(request, directory_, state)), sinks_{&metrics_} {
  if (request.display != nullptr) sinks_.push_back(request.display);
}

RunRecords::~RunRecords() {
  if (open_ && request_.display != nullptr) request_.display->end();
}

void RunRecords::begin(const Trainer& trainer) {
  const report::RunOutline outline{.name = request_.config.name,
                                   .steps = trainer.steps(),
                                   .logging_steps = request_.config.trainer.logging_steps,
                                   .done = trainer.steps_done()};
  for (report::Sink* sink : sinks_) sink->begin(outline);
  open_ = true;
}

void RunRecords::step(const report::StepRecord& record) {
  for (report::Sink* sink : sinks_) sink->step(record);
  if (record.fault.empty()) return;
  for (report::Sink* sink : sinks_) sink->notice(record.fault);
}

void RunRecords::evaluation(const Trainer& trainer, const std::vector<report::Metric>& metrics) {
  if (metrics.empty()) return;
  const report::EvaluationRecord record{.step = trainer.steps_done(), .epoch = trainer.epochs_done(), .metrics = metrics};
  for (report::Sink* sink : sinks_) sink->evaluation(record);
}

void RunRecords::end() {
  if (!std::exchange(open_, false)) return;
  for (report::Sink* sink : sinks_) sink->end();
}

void RunRecords::sync(TrainerState& state) { state.metrics_bytes = metrics_.sync(); }

}  // namespace emotrain::train
