#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/core/real.hpp"

/// Forks of runs: RUN/forks/<N>-<k>, k = 1, 2, ..., with the branches as-was and changed, which are runs whose records begin at N + 1, and
/// fork.json.
namespace emotrain::study {

/// fork.json.
struct Fork {
  /// RUN/forks/<N>-<k>
  std::filesystem::path path;
  /// N: the last step that the branches share.
  Index at = 0;
  /// As they were given.
  std::vector<std::string> overrides;
  /// What is changed, in a line.
  std::string label;
  /// running (it is, or was killed), completed (both branches came to an end), interrupted.
  std::string status;
  /// The first step of which both branches recorded something different; none: no difference, or not known yet.
  std::optional<Index> first_difference;
  /// Records and final weights of the branches are the same to the bit.
  bool identical = false;
  /// Whether the branch as-was recorded what the run itself did; none: the run has recorded nothing behind N.
  std::optional<bool> original_agrees;

  std::filesystem::path as_was() const { return path / "as-was"; }
  std::filesystem::path changed() const { return path / "changed"; }
};

/// The forks of a run, by step, then number; those without a readable fork.json are left out. None if there are no forks.
std::vector<Fork> forks_of(const FileSystem& files, const std::filesystem::path& run);

/// Writes fork.json. Throws Error{cannot_create, io}.
void write_fork(FileSystem& files, const Fork& fork);

/// Creates the directory RUN/forks/<at>-<k> of the first free k. Throws Error{cannot_create}.
std::filesystem::path create_fork_directory(FileSystem& files, const std::filesystem::path& run, Index at);

}  // namespace emotrain::study
