#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/study/lesson.hpp"

namespace emotrain::study {

/// A series for a chart, thinned.
struct Curve {
  std::vector<Index> steps;
  std::vector<double> values;
};

/// What one cell's run with one seed says.
struct LessonRecord {
  /// Why it ended early; empty: it did all its steps.
  std::string divergence;
  Index steps = 0;
  /// Of the outer calls of the findings whose first cell this is, by their texts.
  std::map<std::string, double> values;
  /// By the chart's series.
  std::map<std::string, Curve> curves;
};

struct LessonKey {
  std::size_t cell = 0;
  Index seed = 0;

  auto operator<=>(const LessonKey&) const = default;
};
using LessonRecords = std::map<LessonKey, LessonRecord>;

/// The raw records of a lesson on the disk: records.jsonl, first a line that says of which lesson, size and program, then a line a cell and
/// seed as its run ends. A line that was not finished when the process was killed is cut off; records of another text, or by another
/// program, are not used but replaced.
class LessonRecordFile {
 public:
  /// Creates the directory, or goes on in it; no other process works on it meanwhile. Throws Error{cannot_create} for a directory that
  /// holds something else, another lesson or another size, Error{data} with the line's number for what is no record.
  LessonRecordFile(const Lesson& lesson, LessonSize size, std::filesystem::path directory, FileSystem& files = disk());

  const std::filesystem::path& directory() const { return directory_; }
  const LessonRecords& records() const { return records_; }
  /// Whether records of another text or program were there.
  bool is_anew() const { return is_anew_; }
  void add(const LessonKey& key, LessonRecord record);
  void sync() { file_->sync(); }
  /// Writes all in the order of their keys: the same records are then the same file, in whatever order they came.
  void sort();

 private:
  std::string line(const LessonKey& key, const LessonRecord& record) const;
  std::size_t parse(const std::string& text);

  const Lesson& lesson_;
  std::filesystem::path directory_;
  FileSystem& files_;
  std::shared_ptr<void> lock_;
  std::string head_;
  LessonRecords records_;
  bool is_anew_ = false;
  std::unique_ptr<OutputFile> file_;
};

}  // namespace emotrain::study
