#pragma once
#include <memory>
#include <vector>

#include "emotrain/report/image_grid.hpp"
#include "emotrain/report/metrics_file.hpp"
#include "emotrain/report/tensorboard_file.hpp"
#include "emotrain/train/run.hpp"
#include "emotrain/train/trainer.hpp"

namespace emotrain::train {

/// Where the records of a run go: to its files first, so that what a person sees is on record.
class RunRecords {
 public:
  /// Opens the files; those of a run that is resumed are cut to what `state` says.
  RunRecords(const RunRequest& request, std::filesystem::path directory, const TrainerState& state);
  /// Whether a run's records can go on behind `state`: throws Error{missing, data} if not. Changes nothing.
  static void check(const FileSystem& files, const std::filesystem::path& directory, const TrainerState& state);
  /// Ends the display, if nobody has.
  ~RunRecords();
  RunRecords(const RunRecords&) = delete;
  RunRecords& operator=(const RunRecords&) = delete;

  const std::filesystem::path& directory() const { return directory_; }
  void begin(Trainer& trainer);
  void step(const report::StepRecord& record);
  void evaluation(const Trainer& trainer, const std::vector<report::Metric>& metrics);
  void picture(const char* name, const report::ImageGrid& grid, Index step);
  void detail(const std::string& text);
  void notice(const std::string& text);
  void end();
  /// Notes the sizes of the files with all records so far.
  void mark(TrainerState& state) const;
  /// Brings all records so far to the disk.
  void sync();

 private:
  const RunRequest& request_;
  std::filesystem::path directory_;
  report::MetricsFile metrics_;
  std::string events_name_;
  report::TensorBoardFile events_;
  std::vector<report::Sink*> sinks_;
  bool open_ = false;
};

}  // namespace emotrain::train
