#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace emotrain::config {

/// What a word may be a slip of.
struct Suggestion {
  std::string word;
  /// Insertions, deletions, replacements and swaps of neighbours between the two, case aside.
  std::size_t distance = 0;
};

/// The candidate that `word` may be a slip of: the nearest, at most one letter in three away. Of several, the one that shares more letters
/// with it at both ends, then the first.
std::optional<Suggestion> nearest_of(std::string_view word, std::span<const std::string> candidates);
/// Its word alone.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);
/// The same among words that are told apart by their numbers (`v1`, `v3.6`), in which another digit is no slip. None if several are as
/// near.
std::optional<std::string> nearest_version(std::string_view word, std::span<const std::string> candidates);

/// The dotted path of the key that an option such as `--learning-rate` or `--trainer.max_steps` may mean: of a run's configuration, or of
/// other trainers.
std::optional<std::string> key_meant(std::string_view option);

/// `"a", "b", "c"`
std::string listed(std::span<const std::string> words);

}  // namespace emotrain::config
