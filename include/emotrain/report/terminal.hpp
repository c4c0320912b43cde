#pragma once
#include <cstdio>
#include <string>

namespace emotrain::report {

/// What is known of a stream and of what reads it.
struct TerminalEnvironment {
  bool is_terminal = false;
  /// Values of environment variables; empty: not set.
  std::string term = {};
  std::string no_color = {};
  std::string lc_all = {};
  std::string lc_ctype = {};
  std::string lang = {};
};

TerminalEnvironment environment_of(std::FILE* stream);

struct DisplayStyle {
  /// Lines that are rewritten in place.
  bool live = false;
  /// Characters beyond ASCII.
  bool unicode = false;
  bool colour = false;
};

/// Live on a terminal that can move its cursor (TERM is neither empty nor "dumb"), there with colours unless NO_COLOR is set
/// (https://no-color.org), and with Unicode where the locale is UTF-8: the first of LC_ALL, LC_CTYPE and LANG that is set says it (POSIX).
DisplayStyle style_for(const TerminalEnvironment& environment);

/// How wide a terminal is, in columns; 80 where it does not tell.
std::size_t terminal_columns(std::FILE* stream);
/// How high, in lines; 24 where it does not tell.
std::size_t terminal_rows(std::FILE* stream);

}  // namespace emotrain::report
