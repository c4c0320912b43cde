#pragma once
#include <cstddef>
#include <filesystem>
#include <string_view>

namespace emotrain::report {

/// A file that appears whole or not at all: what is written goes to a hidden temporary file in the same directory; `commit` brings it to
/// the disk and renames it, replacing an older file. Without commit, and after an error, nothing is left.
class AtomicFile {
 public:
  /// Throws Error{cannot_create}.
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Both throw Error{io}.
  void write(const void* bytes, std::size_t size);
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

/// The whole of a small file.
void write_file(const std::filesystem::path& path, std::string_view content);

/// Writes all bytes to an open file descriptor; throws Error{io} naming `path`.
void write_all(int descriptor, const std::filesystem::path& path, const void* bytes, std::size_t size);

}  // namespace emotrain::report
