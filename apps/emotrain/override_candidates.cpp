#include "override_candidates.hpp"

#include <fmt/format.h>

#include "emotrain/config/change.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/config/options_listing.hpp"
#include "emotrain/core/error.hpp"

namespace {

using emotrain::config::ListedOption;
using emotrain::config::ListedRow;

void add(const std::vector<ListedOption>& options, const std::string& prefix, std::vector<OverrideCandidate>& out);

void add_choice(const ListedOption& option, const std::string& path, std::vector<OverrideCandidate>& out) {
  const std::string key = path + "." + option.tag + "=";
  out.push_back({key, option.doc});
  for (const ListedRow& row : option.rows) {
    out.push_back({key + row.name, row.summary});
    if (option.default_value == fmt::format(R"({{"{}": "{}"}})", option.tag, row.name)) add(row.options, path + ".", out);
  }
}

void add(const std::vector<ListedOption>& options, const std::string& prefix, std::vector<OverrideCandidate>& out) {
  for (const ListedOption& option : options) {
    const std::string path = prefix + option.key;
    if (option.type.starts_with("list of")) continue;
    if (!option.tag.empty()) {
      add_choice(option, path, out);
    } else if (!option.members.empty()) {
      add(option.members, path + ".", out);
    } else {
      out.push_back({path + "=", option.doc});
    }
    for (const std::string& value : option.one_of) out.push_back({path + "=" + value, {}});
    if (option.type.starts_with("true/false")) {
      for (const char* value : {"true", "false"}) out.push_back({path + "=" + value, {}});
    }
  }
}

emotrain::train::RunConfig load(const std::string& file, const std::vector<std::string>& overrides, bool of_run) {
  if (file.empty()) return {};
  try {
    return (of_run ? emotrain::config::change_config(file, overrides) : emotrain::config::load_run_config(file, overrides)).config;
  } catch (const emotrain::Error&) {
    return {};
  }
}

}  // namespace

std::vector<OverrideCandidate> override_candidates(const std::string& config_file, const std::vector<std::string>& overrides, bool of_run) {
  std::vector<OverrideCandidate> out;
  add(emotrain::config::list_options(load(config_file, overrides, of_run)), "", out);
  return out;
}
