#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Columns of text, aligned, with two spaces between them.
class TextTable {
 public:
  struct Column {
    std::string title;
    bool to_the_right = false;
  };

  /// Titles that are all empty are not shown.
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Cells that are missing are empty.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// The last column is wrapped at `width`; 0: nothing is.
  std::string str(std::size_t width = 0) const;

 private:
  std::vector<std::size_t> widths() const;
  std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths, std::size_t width) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Columns that a text takes on a terminal: its characters.
std::size_t text_width(std::string_view text);
/// Filled up with spaces.
std::string padded(const std::string& text, std::size_t width, bool to_the_right = false);
/// Of the terminal that standard output is; 0 if it is none.
std::size_t output_width();
