#include "error_report.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "emotrain/config/document.hpp"

namespace {

using emotrain::ErrorKind;

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return 2;
    case ErrorKind::numeric:
      return 3;
    case ErrorKind::data:
      return 65;
    case ErrorKind::missing:
      return 66;
    case ErrorKind::cannot_create:
      return 73;
    case ErrorKind::io:
      return 74;
    case ErrorKind::shape:
      return 1;
  }
  return 1;
}

/// One line, whatever is in it: paths and keys may hold anything.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      line += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  return line;
}

}  // namespace

int report_error(std::string_view text, int code) {
  fmt::print(stderr, "emotrain: error: {}\n", one_line(text));
  return code;
}

int report_error(const emotrain::Error& error) {
  const int code = exit_code(error.kind());
  const auto* config_error = dynamic_cast<const emotrain::config::ConfigError*>(&error);
  if (config_error == nullptr) return report_error(error.what(), code);
  for (const emotrain::config::Problem& problem : config_error->problems()) report_error(problem.str(), code);
  return code;
}
