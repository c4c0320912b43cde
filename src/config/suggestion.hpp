#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace emotrain::config {

/// The candidate that `word` may be a slip of: the fewest insertions, deletions, replacements and swaps of neighbours, case aside, at most
/// one in three letters. The first of several.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// `"a", "b", "c"`
std::string listed(std::span<const std::string> words);

}  // namespace emotrain::config
