#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>

#include "commands.hpp"
#include "emotrain/core/error.hpp"

namespace {

/// Whoever closes a pipe has read enough.
void throw_if_closed() {
  if (errno == EPIPE) throw ClosedOutput();
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return;
  throw_if_closed();
  emotrain::fail(emotrain::ErrorKind::io, "standard output cannot be written to");
}

void require_extension(const std::string& file, std::string_view extension) {
  const std::string given = std::filesystem::path(file).extension().string();
  if (given == extension) return;
  emotrain::fail(emotrain::ErrorKind::usage, "--output: {} ends in {}, but what is written is {}; rename it", file,
                 given.empty() ? "nothing" : given, extension);
}

void flush_output(std::string_view what) {
  if (std::fflush(stdout) == 0) return;
  throw_if_closed();
  emotrain::fail(emotrain::ErrorKind::io, "standard output cannot be written to{}{}", what.empty() ? "" : "; ", what);
}
