#pragma once
#include <cstddef>
#include <string_view>

namespace emotrain::config {

/// Line and column, from 1; a column is a Unicode character.
struct Location {
  int line = 1;
  int column = 1;
};

/// Walks along JSON text token by token behind a parser that tells what it finds, but not where.
class Cursor {
 public:
  explicit Cursor(std::string_view text);
  std::string_view text() const { return text_; }

  /// Offset of the next token other than a comma or colon.
  std::size_t peek_token() const;
  /// Steps over it and tells where it was. Precondition: there is one, and it is well-formed.
  Location next_token();
  /// Where a byte is; text().size() is the end.
  Location locate(std::size_t offset) const;

 private:
  std::size_t token_end(std::size_t begin) const;
  void advance(std::size_t offset);

  std::string_view text_;
  std::size_t offset_ = 0;
  Location at_;
};

}  // namespace emotrain::config
