#pragma once
#include <nlohmann/json.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/config/options_listing.hpp"

namespace emotrain::config {

using Json = nlohmann::ordered_json;

/// What can be seen of a group of options, as bytes: weights after some steps, learning rates, files, the text of an error. None if the
/// options are refused when they are read.
using Seen = std::function<std::optional<std::string>(const Json& object)>;

/// Of one group: options, and how to see them.
struct Search {
  Seen seen;
  /// What is tried besides the defaults: options that make others count. Those that the group refuses are left out.
  std::vector<Json> contexts;
  /// Values for strings and lists that nothing can be guessed of, by key.
  std::map<std::string, std::vector<Json>> values = {};
};

/// The paths of the options, through groups, for which no value in no context makes a difference to what is seen. Options that say that
/// they have no effect are left out, and so are those of one value and what the rows of tables offer.
std::vector<std::string> without_effect(const std::vector<ListedOption>& options, const Search& search);

}  // namespace emotrain::config
