#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/study/records.hpp"

namespace emotrain::study {

/// Where a study lives: study.json (the study with all its problems), records.jsonl, and the report. No other process works on it
/// meanwhile.
class StudyDirectory {
 public:
  /// Creates it, or goes on with the same study in it. Throws Error{cannot_create} for a directory that holds something else, or another
  /// study.
  StudyDirectory(const Study& study, std::filesystem::path path, FileSystem& files = disk());

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::shared_ptr<void> lock_;
};

/// The study of a directory. Throws Error{missing}.
Study read_study(const std::filesystem::path& directory);

/// Brings the records of a study's shards together. Throws Error{usage} if a shard is of another study.
Records merge_records(const Study& study, const std::vector<std::filesystem::path>& shards);

}  // namespace emotrain::study
