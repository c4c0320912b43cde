#include "train/run_records.hpp"

#include <utility>

#include "emotrain/core/error.hpp"
#include "train/run_details.hpp"

namespace emotrain::train {
namespace {

constexpr const char* metrics_file = "metrics.jsonl";

report::MetricsFile open_metrics(const RunRequest& request, const std::filesystem::path& directory, const TrainerState& state) {
  if (request.resume) return {directory / metrics_file, state.metrics_bytes, *request.files};
  return report::MetricsFile(directory / metrics_file, *request.files);
}

/// Events only show what metrics.jsonl holds: where their file is gone, another one begins.
bool has_events(const FileSystem& files, const std::filesystem::path& directory, const TrainerState& state) {
  const std::filesystem::path path = directory / state.events_file;
  return !state.events_file.empty() && files.kind(path) == FileSystem::Kind::file && files.open(path)->size() >= state.events_bytes;
}

report::TensorBoardFile open_events(const RunRequest& request, const std::filesystem::path& path, const TrainerState& state) {
  if (request.resume && path.filename() == state.events_file) return {path, state.events_bytes, *request.files};
  return report::TensorBoardFile(path, *request.files);
}

}  // namespace

RunRecords::RunRecords(const RunRequest& request, std::filesystem::path directory, const TrainerState& state)
    : request_(request),
      directory_(std::move(directory)),
      metrics_(open_metrics(request, directory_, state)),
      events_name_(request.resume && has_events(*request.files, directory_, state) ? state.events_file
                                                                                   : report::TensorBoardFile::new_name()),
      events_(open_events(request, directory_ / events_name_, state)),
      sinks_{&metrics_, &events_} {
  if (request.display != nullptr) sinks_.push_back(request.display);
}

void RunRecords::check(const FileSystem& files, const std::filesystem::path& directory, const TrainerState& state) {
  const std::filesystem::path path = directory / metrics_file;
  const std::uint64_t bytes = files.open(path)->size();
  if (bytes < state.metrics_bytes) {
    fail(ErrorKind::data, "{}: has {} bytes, {} when the checkpoint was written; it has been cut, and the run cannot go on from there",
         path.string(), bytes, state.metrics_bytes);
  }
}

RunRecords::~RunRecords() {
  if (open_ && request_.display != nullptr) request_.display->end();
}

void RunRecords::begin(Trainer& trainer) {
  const report::RunOutline outline{.name = request_.config.name,
                                   .steps = trainer.steps(),
                                   .logging_steps = request_.config.trainer.logging_steps,
                                   .done = trainer.steps_done(),
                                   .details = run_details(request_.config, trainer)};
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

void RunRecords::picture(const char* name, const report::ImageGrid& grid, Index step) {
  for (report::Sink* sink : sinks_) report::show(grid, name, step, *sink);
}

void RunRecords::detail(const std::string& text) {
  for (report::Sink* sink : sinks_) sink->detail(text);
}

void RunRecords::notice(const std::string& text) {
  for (report::Sink* sink : sinks_) sink->notice(text);
}

void RunRecords::end() {
  if (!std::exchange(open_, false)) return;
  for (report::Sink* sink : sinks_) sink->end();
}

void RunRecords::mark(TrainerState& state) const {
  state.metrics_bytes = metrics_.bytes();
  state.events_file = events_name_;
  state.events_bytes = events_.bytes();
}

void RunRecords::sync() {
  metrics_.sync();
  events_.sync();
}

}  // namespace emotrain::train
