#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/config/load.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::config {

/// A file that is gone at the end of the test.
class ConfigFile {
 public:
  explicit ConfigFile(std::string_view text)
      : path_(std::filesystem::temp_directory_path() / fmt::format("emotrain_config_{}_{}.json", ::getpid(), ++count_)) {
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

  using Words = std::vector<std::string>;

  LoadedConfig load(const Words& overrides = {}, const Words& environment = {}) const {
    return load_run_config(path_.string(), overrides, environment);
  }
  /// All that it is refused with, without the file's name in front.
  Words errors(const Words& overrides = {}, const Words& environment = {}) const {
    Words lines;
    try {
      load(overrides, environment);
    } catch (const ConfigError& error) {
      CHECK(error.kind() == ErrorKind::usage);
      for (const Problem& problem : error.problems()) {
        const std::string text = problem.str();
        lines.push_back(text.starts_with(path_.string()) ? text.substr(path_.string().size() + 1) : text);
      }
    }
    return lines;
  }
  /// The first of them.
  std::string error(const Words& overrides = {}, const Words& environment = {}) const {
    const Words lines = errors(overrides, environment);
    return lines.empty() ? "accepted" : lines.front();
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  static inline int count_ = 0;
  std::filesystem::path path_;
};

inline std::filesystem::path shipped_configs() { return std::filesystem::path(EMOTRAIN_SOURCE) / "configs"; }

}  // namespace emotrain::config
