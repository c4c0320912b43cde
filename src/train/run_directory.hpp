#pragma once
#include <memory>
#include <optional>
#include <string>

#include "emotrain/core/file_system.hpp"

namespace emotrain::train {

/// A directory that no other process works on meanwhile.
struct LockedDirectory {
  std::filesystem::path path;
  std::shared_ptr<void> lock;
};

/// Creates the directory of a run: exactly `given` with its parents (an empty one may exist; with `overwrite` an earlier run in it is
/// removed), or the first `runs/<name>-<n>` that does not exist, n = 1, 2, ...; several processes that start at once get different ones.
/// Throws Error{cannot_create}.
LockedDirectory create_run_directory(FileSystem& files, const std::optional<std::filesystem::path>& given, const std::string& name,
                                     bool overwrite);

/// The names that a run gives to its files.
bool is_run_file(const std::string& name);
bool is_events_file(const std::string& name);

}  // namespace emotrain::train
