#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/study/forks.hpp"
#include "emotrain/study/run_record.hpp"

namespace emotrain::study {

/// Another way that a run could have gone on: the changed branch of a fork.
struct WhatIf {
  std::string label;
  /// optimizer.use_shadow=false
  std::string change;
  /// The last step that both share.
  Index fork_at = 0;
  StepSeries steps;
  /// The first step in which the two differ; none: they do not.
  std::optional<Index> first_difference;
};

/// The forks of a run that came to an end, by their names. What cannot be read is left out: it takes nothing from the run.
std::vector<WhatIf> read_what_ifs(const std::filesystem::path& run, const FileSystem& files = disk());

/// What report.html holds of a run, as JSON: series as base64 of little-endian float32 (NaN: none), episodes, the templates of sentences
/// with their places and slots, evaluations, details, pictures of RUN/pictures as data URIs.
std::string run_payload(const RunRecord& run, std::span<const WhatIf> what_ifs = {}, const FileSystem& files = disk());
/// The page, which needs no other file.
std::string run_page(const RunRecord& run, std::span<const WhatIf> what_ifs = {}, const FileSystem& files = disk());

/// Writes RUN/report.html, with the run's forks, and for functions of two coordinates RUN/trajectory.svg, each whole or not at all. Throws
/// as read_run, and Error{cannot_create, io}.
void write_run_page(const std::filesystem::path& run, FileSystem& files = disk());
/// Writes report.html of a fork that came to an end: its branch as-was, with the changed one. Throws the same.
void write_fork_page(const Fork& fork, FileSystem& files = disk());

}  // namespace emotrain::study
