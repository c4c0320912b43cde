#pragma once
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>

namespace emotrain::data {

/// Folder `name` of the bundled data sets: in `root` if given, else the first there is of ./data, ../share/emotrain/data beside the
/// executable's folder, and EMOTRAIN_SHARE_DIR/data if the build defines it. Throws Error{missing} that lists them.
std::filesystem::path find_bundled(const std::optional<std::string>& root, const char* name);

/// The first of these files that is in `folder`. Throws Error{missing} that lists them.
std::filesystem::path find_file(const std::filesystem::path& folder, std::initializer_list<const char*> names);

/// A path from a configuration: relative to `root` if given.
std::filesystem::path resolve(const std::optional<std::string>& root, const std::string& path);

}  // namespace emotrain::data
