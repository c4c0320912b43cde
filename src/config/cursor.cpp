#include "config/cursor.hpp"

#include <algorithm>

namespace emotrain::config {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view separators = " \t\r\n,:";
constexpr std::string_view delimiters = " \t\r\n,:[]{}\"";

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

Cursor::Cursor(std::string_view text) : text_(text), offset_(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0) {}

std::size_t Cursor::peek_token() const { return std::min(text_.find_first_not_of(separators, offset_), text_.size()); }

Location Cursor::next_token() {
  advance(peek_token());
  const Location start = at_;
  advance(token_end(offset_));
  return start;
}

Location Cursor::locate(std::size_t offset) const {
  Cursor other(text_);
  other.advance(offset);
  return other.at_;
}

std::size_t Cursor::token_end(std::size_t begin) const {
  const char first = begin < text_.size() ? text_[begin] : '\0';
  if (first == '"') {
    std::size_t end = begin + 1;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    return std::min(end + 1, text_.size());
  }
  if (delimiters.find(first) != std::string_view::npos) return begin + 1;
  return std::min(text_.find_first_of(delimiters, begin), text_.size());
}

void Cursor::advance(std::size_t offset) {
  for (; offset_ < std::min(offset, text_.size()); ++offset_) {
    if (text_[offset_] == '\n') {
      at_ = {at_.line + 1, 1};
    } else if (!continues_character(text_[offset_])) {
      ++at_.column;
    }
  }
}

}  // namespace emotrain::config
