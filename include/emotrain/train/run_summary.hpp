#pragma once
#include <map>
#include <optional>
#include <string>

#include "emotrain/core/file_system.hpp"
#include "emotrain/core/real.hpp"

namespace emotrain::train {

/// What the manifest of a run tells, as far as it is there.
struct RunSummary {
  std::string status;
  std::string started;
  std::string ended;
  /// Of a run without a result: by its last record.
  Index steps = 0;
  double seconds = 0;
  /// Of the last step, if there is a result.
  std::optional<double> loss = std::nullopt;
  std::map<std::string, double> metrics;
  std::string error;
};

/// None if the directory is not that of a run. Throws Error{data} if its manifest.json cannot be read as one.
std::optional<RunSummary> read_summary(const FileSystem& files, const std::filesystem::path& run);

/// How a run began.
struct RunOrigin {
  /// Of a branch: that of the checkpoint behind which it began; else 0.
  Index step = 0;
  /// Its initial weights, where they were not random.
  std::optional<std::filesystem::path> init_from = std::nullopt;
};

/// Precondition: the directory is that of a run. Throws Error{missing, data} if the file of its initial weights is gone, or another by now.
RunOrigin read_origin(const FileSystem& files, const std::filesystem::path& run);

/// The run `runs/<name>-<n>` of the greatest n; none if there is none.
std::optional<std::filesystem::path> newest_run(const FileSystem& files, const std::string& name);

}  // namespace emotrain::train
