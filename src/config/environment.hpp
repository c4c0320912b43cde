#pragma once
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "emotrain/config/document.hpp"
#include "emotrain/core/options.hpp"

namespace emotrain::config {

/// Applies the variables `EMOTRAIN_SECTION__KEY=value` among `environment` to a document: a double underscore parts the steps of a path, an
/// element of a list is a number, and the case of keys does not matter. The shorter of two paths comes first. Values are read as those of
/// arguments. Variables that name none of the `options` are added to `problems`. Returns what was applied: names and values.
std::vector<std::pair<std::string, std::string>> apply_environment(Value& document, std::span<const std::string> environment,
                                                                   const Options& options, std::vector<Problem>& problems);

}  // namespace emotrain::config
