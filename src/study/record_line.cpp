#include "study/record_line.hpp"

#include <algorithm>
#include <utility>

namespace emotrain::study {

void RecordLine::skip_space() {
  const std::size_t n = std::min(rest_.find_first_not_of(" \t\r"), rest_.size());
  rest_.remove_prefix(n);
}

bool RecordLine::take(char c) {
  skip_space();
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

/// With its quotes; empty if there is none.
std::string_view RecordLine::take_string() {
  for (std::size_t i = 1; i < rest_.size(); ++i) {
    if (rest_[i] == '\\') {
      ++i;
    } else if (rest_[i] == '"') {
      const std::string_view text = rest_.substr(0, i + 1);
      rest_.remove_prefix(i + 1);
      return text;
    }
  }
  return {};
}

std::string_view RecordLine::take_nested() {
  const std::string_view all = rest_;
  int depth = 0;
  while (!rest_.empty()) {
    const char c = rest_.front();
    if (c == '"') {
      if (take_string().empty()) return {};
      continue;
    }
    rest_.remove_prefix(1);
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth == 0) return all.substr(0, all.size() - rest_.size());
  }
  return {};
}

std::string_view RecordLine::take_value() {
  skip_space();
  if (rest_.empty()) return {};
  if (rest_.front() == '"') return take_string();
  if (rest_.front() == '{' || rest_.front() == '[') return take_nested();
  const std::string_view value = rest_.substr(0, rest_.find_first_of(",} \t\r"));
  rest_.remove_prefix(value.size());
  return value;
}

std::optional<RecordLine::Member> RecordLine::stop(bool good) {
  good_ = good;
  rest_ = {};
  return std::nullopt;
}

std::optional<RecordLine::Member> RecordLine::next() {
  if (!good_ || rest_.empty()) return std::nullopt;
  if (take('}')) {
    skip_space();
    return stop(rest_.empty());
  }
  if (!std::exchange(first_, false) && !take(',')) return stop(false);
  skip_space();
  if (rest_.empty() || rest_.front() != '"') return stop(false);
  const std::string_view key = take_string();
  if (key.size() < 2 || !take(':')) return stop(false);
  const std::string_view value = take_value();
  if (value.empty() || rest_.empty()) return stop(false);
  return Member{key.substr(1, key.size() - 2), value};
}

}  // namespace emotrain::study
