#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "emotrain/core/real.hpp"

namespace emotrain::data {

/// Text from a file, or a file's name, for a message of one line: control characters as \xNN, clipped to 120 bytes.
std::string display(std::string_view text);
inline std::string display(const std::string& text) { return display(std::string_view(text)); }
std::string display(const std::filesystem::path& path);

/// A regular file opened for reading; opening never waits (a pipe is refused).
/// Throws Error{missing} if it cannot be opened, Error{data} if it is a folder, pipe or device.
class InputFile {
 public:
  explicit InputFile(std::filesystem::path path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// Bytes when it was opened.
  Index size() const noexcept { return size_; }
  int descriptor() const noexcept { return descriptor_; }
  /// Reads up to `count` bytes, fewer only at the end of the file. Throws Error{io}.
  Index read(char* out, Index count);

 private:
  std::filesystem::path path_;
  int descriptor_;
  Index size_;
};

/// The whole file. Throws as InputFile, Error{data} if it has more than `limit` bytes or became shorter meanwhile.
std::string read_file(const std::filesystem::path& path, Index limit);

}  // namespace emotrain::data
