#pragma once
#include <compare>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/study/job.hpp"
#include "emotrain/study/study.hpp"

namespace emotrain::study {

/// Which job of a study. Arms and problems by their numbers.
struct JobKey {
  Track track = Track::fixed;
  std::size_t problem = 0;
  std::size_t arm = 0;
  /// Of the search for the tuned values, counted from 0; absent: a job that is reported.
  std::optional<Index> trial = std::nullopt;
  Index seed = 0;

  auto operator<=>(const JobKey&) const = default;
};

/// All jobs of a study, in their order: by track, problem, arm; trials before what is reported of them.
std::vector<JobKey> expand(const Study& study);

/// Seeds of trials: none that a study can report.
Index tuning_seed(Index number);

using Records = std::map<JobKey, JobRecord>;

/// The raw records of a study on the disk: records.jsonl, a line a job as it ends, in any order. A line that was not finished when the
/// process was killed is cut off.
class RecordFile {
 public:
  /// Throws Error{data} with the line's number for one that is no record of this study.
  RecordFile(const Study& study, const std::filesystem::path& directory, FileSystem& files = disk());

  const Records& records() const { return records_; }
  /// Handed to the operating system when it returns; on the disk at the latest with sync().
  void add(const JobKey& key, JobRecord record);
  void sync() { file_->sync(); }

 private:
  const Study& study_;
  Records records_;
  std::unique_ptr<OutputFile> file_;
};

/// Without opening the file for writing. Empty if there is none.
Records read_records(const Study& study, const std::filesystem::path& directory, const FileSystem& files = disk());

/// Of a tuned optimizer on a problem.
struct Tuning {
  /// Of each trial, by the seeds, and their mean: the validation score at the end.
  std::vector<std::vector<double>> scores;
  std::vector<double> means;
  /// The least mean; the first of those.
  std::size_t chosen = 0;
};
/// Points of the search space: Sobol's, the origin left out, which lies at the end of every range.
std::vector<std::vector<double>> trial_points(const Arm& arm, Index trials);
/// None while a trial is missing.
std::optional<Tuning> tuning_of(const Study& study, const Records& records, std::size_t problem, std::size_t arm);
/// The optimizer of a job: as written, published, at a trial's point or at the chosen one.
config::Value optimizer_of(const Study& study, const Records& records, const JobKey& key);

}  // namespace emotrain::study
