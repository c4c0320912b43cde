#pragma once
#include <string>
#include <vector>

/// What `section.key=value` can be for a configuration: "optimizer.lr=" for each key, and where a value is one of few also these,
/// "optimizer.name=adamw". With their meanings. Keys of a section that the file does not choose are left out; of a file that cannot be
/// read, those of the defaults. `of_run`: the file is a run's config.json, which the overrides change (config/change.hpp).
struct OverrideCandidate {
  std::string text;
  std::string meaning;
};
std::vector<OverrideCandidate> override_candidates(const std::string& config_file, const std::vector<std::string>& overrides, bool of_run);
