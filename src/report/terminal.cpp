#include "emotrain/report/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace emotrain::report {
namespace {

constexpr std::size_t usual_columns = 80;
constexpr std::size_t usual_rows = 24;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// "en_GB.UTF-8", "C.utf8".
bool is_utf8_locale(std::string locale) {
  std::ranges::transform(locale, locale.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
}

}  // namespace

TerminalEnvironment environment_of(std::FILE* stream) {
  return {.is_terminal = ::isatty(::fileno(stream)) == 1,
          .term = variable("TERM"),
          .no_color = variable("NO_COLOR"),
          .lc_all = variable("LC_ALL"),
          .lc_ctype = variable("LC_CTYPE"),
          .lang = variable("LANG")};
}

DisplayStyle style_for(const TerminalEnvironment& environment) {
  const bool live = environment.is_terminal && !environment.term.empty() && environment.term != "dumb";
  const std::string& locale = !environment.lc_all.empty()     ? environment.lc_all
                              : !environment.lc_ctype.empty() ? environment.lc_ctype
                                                              : environment.lang;
  return {.live = live, .unicode = live && is_utf8_locale(locale), .colour = live && environment.no_color.empty()};
}

std::size_t terminal_columns(std::FILE* stream) {
  winsize size{};
  return ::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual_columns;
}

std::size_t terminal_rows(std::FILE* stream) {
  winsize size{};
  return ::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : usual_rows;
}

}  // namespace emotrain::report
