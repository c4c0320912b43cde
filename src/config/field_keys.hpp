#pragma once
#include <string>
#include <vector>

#include "emotrain/core/options.hpp"

namespace emotrain::config {

/// The keys of one group, in order.
std::vector<std::string> field_keys(Options& options);
/// The keys below a group as dotted paths, through nested groups and the chosen rows of tables: `optimizer`, `optimizer.name`,
/// `optimizer.betas`.
std::vector<std::string> field_paths(Options& options);

}  // namespace emotrain::config
