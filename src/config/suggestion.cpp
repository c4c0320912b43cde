#include "emotrain/config/suggestion.hpp"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "emotrain/config/document.hpp"

namespace emotrain::config {
namespace {

bool same_letter(char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b)); }

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Optimal string alignment distance; an edit that involves a digit costs `digit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t digit) {
  const auto cost = [digit](char c) { return is_digit(c) ? digit : std::size_t{1}; };
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 1; j <= b.size(); ++j) row[j] = row[j - 1] + cost(b[j - 1]);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = last[0] + cost(a[i - 1]);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (same_letter(a[i - 1], b[j - 1]) ? 0 : std::max(cost(a[i - 1]), cost(b[j - 1])));
      row[j] = std::min({last[j] + cost(a[i - 1]), row[j - 1] + cost(b[j - 1]), replaced});
      if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + std::max(cost(a[i - 1]), cost(a[i - 2])));
      }
    }
  }
  return row[b.size()];
}

/// Letters that two words begin and end with alike.
std::size_t shared_ends(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t first = 0;
  while (first < most && same_letter(a[first], b[first])) ++first;
  std::size_t last = 0;
  while (first + last < most && same_letter(a[a.size() - 1 - last], b[b.size() - 1 - last])) ++last;
  return first + last;
}

/// The most that a slip of this word may be away.
std::size_t reach(std::string_view word) {
  constexpr std::size_t longest = 64;
  return word.empty() || word.size() > longest ? 0 : std::max<std::size_t>(1, word.size() / 3);
}

}  // namespace

std::optional<Suggestion> nearest_of(std::string_view word, std::span<const std::string> candidates) {
  std::optional<Suggestion> best;
  const std::size_t most = reach(word);
  if (most == 0) return best;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate, 1);
    if (distance > most || (best && distance > best->distance)) continue;
    if (best && distance == best->distance && shared_ends(word, candidate) <= shared_ends(word, best->word)) continue;
    best = Suggestion{candidate, distance};
  }
  return best;
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  std::optional<Suggestion> best = nearest_of(word, candidates);
  return best ? std::optional(std::move(best->word)) : std::nullopt;
}

std::optional<std::string> nearest_version(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t no_slip = 64;
  std::size_t fewest = reach(word) + 1;
  std::optional<std::string> best;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate, no_slip);
    if (distance > fewest || distance > reach(word)) continue;
    best = distance < fewest ? std::optional(candidate) : std::nullopt;
    fewest = distance;
  }
  return best;
}

std::string listed(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + quoted(word);
  return text;
}

}  // namespace emotrain::config
