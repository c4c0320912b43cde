#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace emotrain::train {

/// Creates the directory of a run: exactly `given` with its parents (an empty one may exist), or the first `runs/<name>-<n>` that does not
/// exist, n = 1, 2, ...; several processes that start at once get different ones. Throws Error{cannot_create}.
std::filesystem::path create_run_directory(const std::optional<std::filesystem::path>& given, const std::string& name);

}  // namespace emotrain::train
