#include "report/display_line.hpp"

namespace emotrain::report {

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  bool escape = false;
  for (const char c : text) {
    if (c == '\x1b') escape = true;
    const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (!escape && !continues) ++columns;
    if (c == 'm') escape = false;
  }
  return columns;
}

void DisplayLine::begin(std::size_t columns) {
  buffer_.clear();
  columns_ = columns;
  used_ = 0;
}

void DisplayLine::colour(std::string_view code) {
  if (!colour_) return;
  append("\x1b[");
  append(code);
  append("m");
}

}  // namespace emotrain::report
