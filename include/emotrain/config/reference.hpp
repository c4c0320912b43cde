#pragma once
#include <span>
#include <string>

#include "emotrain/core/options.hpp"

/// The configuration of a run as a whole, told to editors and to people. Both come from the lists of fields alone.
namespace emotrain::config {

/// A JSON Schema (draft 2020-12), which describes shape, types, ranges and choices; docs/config.schema.json. Stricter than
/// load_run_config() in nothing; conditions between options are not in it.
std::string run_config_schema();

/// The same of any options; `required`: the keys that must be there.
std::string options_schema(const Options& options, const std::string& title, std::span<const char* const> required);
/// A JSON document in which what is short stays on its line.
std::string formatted_json(const std::string& json);

/// Markdown with a table for every section, row and group: docs/config.md.
std::string run_config_reference();

}  // namespace emotrain::config
