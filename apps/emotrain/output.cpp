#include <cstdio>

#include "commands.hpp"
#include "emotrain/core/error.hpp"

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    emotrain::fail(emotrain::ErrorKind::io, "standard output cannot be written to");
  }
}

void flush_output(std::string_view what) {
  if (std::fflush(stdout) == 0) return;
  emotrain::fail(emotrain::ErrorKind::io, "standard output cannot be written to{}{}", what.empty() ? "" : "; ", what);
}
