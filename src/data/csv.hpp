#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/core/real.hpp"

namespace emotrain::data {

/// Reads comma-separated values (RFC 4180) with a header row, row by row. Blanks around fields and blank lines are skipped; lines end in LF
/// or CRLF. All errors are Error{data} with file and line; what is refused is listed in docs/data-formats.md.
class CsvReader {
 public:
  /// Reads the whole file and its header. Throws as InputFile, too.
  explicit CsvReader(const std::filesystem::path& path);

  const std::vector<std::string>& header() const noexcept { return header_; }
  /// Number of the column, or -1.
  Index column(std::string_view name) const noexcept;
  /// The next row, as many fields as the header has; they are valid as long as the reader. False at the end.
  bool next(std::vector<std::string_view>& fields);
  /// "FILE:LINE" of the row read last, for messages.
  std::string place() const;

 private:
  bool read_record(std::vector<std::string_view>& fields);
  std::string_view read_plain_field();
  std::string_view read_quoted_field();
  void skip_blanks();
  bool at_line_end() const noexcept { return position_ == text_.size() || text_[position_] == '\n' || text_[position_] == '\r'; }
  void end_line();
  void check_header() const;

  std::filesystem::path path_;
  std::string text_;
  std::size_t position_ = 0;
  Index line_ = 1;
  Index row_line_ = 1;
  std::vector<std::string> header_;
};

}  // namespace emotrain::data
