#include "json_line.hpp"

#include <fmt/format.h>

#include <cmath>

#include "emotrain/config/document.hpp"

std::string JsonObject::key_text(std::string_view key) { return emotrain::config::string_literal(key) + ": "; }

std::string json(bool value) { return value ? "true" : "false"; }
std::string json(double value) { return std::isfinite(value) ? fmt::to_string(value) : "null"; }

std::string json(const std::string& text) {
  return emotrain::config::is_utf8(text) ? emotrain::config::string_literal(text) : emotrain::config::quoted(text);
}

std::string one_line_json(const std::string& document) {
  std::string text;
  for (std::size_t i = 0; i < document.size(); ++i) {
    if (document[i] != '\n') {
      text += document[i];
      continue;
    }
    // Strings hold no raw newline.
    while (i + 1 < document.size() && document[i + 1] == ' ') ++i;
    if (text.ends_with(',')) text += ' ';
  }
  return text;
}
