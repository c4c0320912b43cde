#pragma once
#include <fmt/format.h>

#include <cmath>
#include <string>

namespace emotrain::study {

/// A share as a bar, with its percentage in front.
inline std::string share_bar(double share, bool unicode) {
  constexpr std::size_t width = 26;
  const auto full = static_cast<std::size_t>(share * width);
  std::string bar = fmt::format("{:3.0f}% ", std::floor(100 * share));
  for (std::size_t i = 0; i < width; ++i) bar += unicode ? (i < full ? "━" : "─") : (i < full ? "#" : "-");
  return bar;
}

/// A text of characters of one column each, cut to what fits. Cuts at no place within a character.
inline std::string fitted(const std::string& text, std::size_t columns) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins && ++used > columns) return text.substr(0, i);
  }
  return text;
}

}  // namespace emotrain::study
