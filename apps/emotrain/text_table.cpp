#include "text_table.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

namespace {

constexpr std::size_t gap = 2;
/// A column that is wrapped gets at least this.
constexpr std::size_t least_width = 24;

/// Lines of at most `width`, broken at spaces.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!lines.back().empty() && text_width(lines.back()) + 1 + text_width(word) > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    begin = end + 1;
  }
  return lines;
}

}  // namespace

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
  const std::string space(width - std::min(width, text_width(text)), ' ');
  return to_the_right ? space + text : text + space;
}

std::size_t output_width() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> out;
  for (const Column& column : columns_) out.push_back(text_width(column.title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) out[i] = std::max(out[i], text_width(row[i]));
  }
  return out;
}

std::string TextTable::line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths, std::size_t width) const {
  std::string text;
  std::size_t indent = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i + 1 < columns_.size()) {
      text += padded(cells[i], widths[i], columns_[i].to_the_right) + std::string(gap, ' ');
      indent += widths[i] + gap;
      continue;
    }
    const bool wraps = width != 0 && !columns_[i].to_the_right;
    const auto lines = wraps ? wrapped(cells[i], std::max(width - std::min(width, indent), least_width))
                             : std::vector<std::string>{padded(cells[i], columns_[i].to_the_right ? widths[i] : 0, true)};
    for (const std::string& piece : lines) text += (&piece == lines.data() ? "" : "\n" + std::string(indent, ' ')) + piece;
  }
  text.resize(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string TextTable::str(std::size_t width) const {
  const std::vector<std::size_t> all_widths = widths();
  std::string text;
  if (std::ranges::any_of(columns_, [](const Column& column) { return !column.title.empty(); })) {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    text += line(titles, all_widths, 0);
  }
  for (const auto& row : rows_) text += line(row, all_widths, width);
  return text;
}
