#pragma once
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

#include "emotrain/core/error.hpp"

/// What the fuzzers share. A finding is a crash: abort(), a sanitizer's report, or an exception that is not expected.
namespace emotrain::fuzz {

/// The input as a file that needs no disk.
class InputPath {
 public:
  InputPath(const std::uint8_t* bytes, std::size_t size) : descriptor_(::memfd_create("input", MFD_CLOEXEC)) {
    if (descriptor_ < 0 || ::write(descriptor_, bytes, size) != static_cast<ssize_t>(size)) std::abort();
  }
  ~InputPath() { ::close(descriptor_); }
  InputPath(const InputPath&) = delete;
  InputPath& operator=(const InputPath&) = delete;
  std::string str() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

 private:
  int descriptor_;
};

/// Like assert, in every build.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Calls `read`, which may refuse the input with an Error of one of `kinds`, and with no other exception.
template <class Read>
void may_refuse(std::initializer_list<ErrorKind> kinds, Read&& read) {
  try {
    read();
  } catch (const Error& error) {
    for (const ErrorKind kind : kinds) {
      if (error.kind() == kind) return;
    }
    std::fprintf(stderr, "an error of an unexpected kind: %s\n", error.what());
    std::abort();
  }
}

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

}  // namespace emotrain::fuzz
