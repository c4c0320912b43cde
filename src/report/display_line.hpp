#pragma once
#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace emotrain::report {

/// Columns that a text takes on a terminal: its characters (each of one column here), without escape sequences.
std::size_t columns_of(std::string_view text);

/// A line for a terminal, composed field by field in memory that is used again; fields that no longer fit are left out.
class DisplayLine {
 public:
  DisplayLine(bool unicode, bool colour) : unicode_(unicode), colour_(colour) { buffer_.reserve(4096); }

  void begin(std::size_t columns);
  /// Adds what `compose` appends, with what separates it from the field before, if both fit.
  template <class Compose>
  void field(std::string_view separator, Compose&& compose) {
    const std::size_t start = buffer_.size();
    if (start > 0) append(separator);
    compose();
    const std::size_t added = columns_of(std::string_view(buffer_.data() + start, buffer_.size() - start));
    if (used_ + added > columns_) return buffer_.resize(start);
    used_ += added;
  }

  void append(std::string_view text) { buffer_.append(text); }
  template <class... Values>
  void print(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(buffer_), format, std::forward<Values>(values)...);
  }
  /// One of the two, as the terminal can show it.
  void choose(std::string_view unicode, std::string_view ascii) { append(unicode_ ? unicode : ascii); }
  /// "31" (red), "2" (faint), ...: the numbers of "Select Graphic Rendition"; "0": as usual again.
  void colour(std::string_view code);

  std::string_view text() const { return {buffer_.data(), buffer_.size()}; }
  std::size_t used() const { return used_; }
  bool unicode() const { return unicode_; }

 private:
  bool unicode_;
  bool colour_;
  std::size_t columns_ = 0;
  std::size_t used_ = 0;
  fmt::memory_buffer buffer_;
};

}  // namespace emotrain::report
