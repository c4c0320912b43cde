#include "train/run_directory.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "emotrain/core/error.hpp"
#include "emotrain/report/atomic_file.hpp"

namespace emotrain::train {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view events_prefix = "events.out.tfevents.";
constexpr std::string_view names[] = {"manifest.json", "config.json",       "config.user.json",    "metrics.jsonl",
                                      "checkpoints",   "model.safetensors", "reconstructions.png", "samples.png",
                                      "pictures",      "report.html",       "trajectory.svg"};

/// A run has a manifest from its first moment on; before, there is at most a file that was being written.
bool is_run(const FileSystem& files, const fs::path& path, const std::vector<std::string>& entries) {
  return files.exists(path / "manifest.json") || std::ranges::all_of(entries, report::is_temporary);
}

void remove_run(FileSystem& files, const fs::path& path, const std::vector<std::string>& entries) {
  // The manifest goes last: until then the directory is known as that of a run.
  for (const std::string& name : entries) {
    if (name != "manifest.json" && is_run_file(name)) files.remove(path / name);
  }
  files.remove(path / "manifest.json");
}

LockedDirectory use_given(FileSystem& files, const fs::path& path, bool overwrite) {
  if (path.empty()) fail(ErrorKind::cannot_create, "--output-dir: an empty path names no directory");
  files.create_directories(path);
  if (!files.is_directory(path)) {
    fail(ErrorKind::cannot_create, "{}: is there, and is no directory; choose another with --output-dir", path.string());
  }
  LockedDirectory locked{path, nullptr};
  std::vector<std::string> entries;
  try {
    locked.lock = files.lock(path);
    entries = files.list(path);
  } catch (const Error& error) {
    throw Error(ErrorKind::cannot_create, error.what());
  }
  if (entries.empty()) return locked;
  if (!overwrite) {
    fail(ErrorKind::cannot_create,
         "{}: the directory is not empty; choose another with --output-dir, or give --resume auto to go on with the run in it, or "
         "--overwrite to replace it",
         path.string());
  }
  if (!is_run(files, path, entries)) {
    fail(ErrorKind::cannot_create, "{}: the directory is not empty, and what is in it is no run; choose another with --output-dir",
         path.string());
  }
  remove_run(files, path, entries);
  return locked;
}

}  // namespace

bool is_events_file(const std::string& name) { return name.starts_with(events_prefix); }

bool is_run_file(const std::string& name) {
  return std::ranges::find(names, name) != std::end(names) || is_events_file(name) || report::is_temporary(name);
}

LockedDirectory create_run_directory(FileSystem& files, const std::optional<fs::path>& given, const std::string& name, bool overwrite) {
  if (given) return use_given(files, *given, overwrite);
  const fs::path runs = "runs";
  files.create_directories(runs);
  for (int n = 1;; ++n) {
    fs::path path = runs / fmt::format("{}-{}", name, n);
    if (!files.create_directory(path)) continue;
    files.sync_directory(runs);
    return {path, files.lock(path)};
  }
}

}  // namespace emotrain::train
