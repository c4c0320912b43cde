#pragma once
#include <memory>
#include <string_view>

#include "emotrain/core/file_system.hpp"

namespace emotrain::report {

/// A file that appears whole or not at all: what is written goes to a hidden temporary file in the same directory; `commit` brings it to
/// the disk and renames it, replacing an older file. Without commit, and after an error, nothing is left.
class AtomicFile {
 public:
  /// `files` outlives it. Throws Error{cannot_create}.
  explicit AtomicFile(std::filesystem::path path, FileSystem& files = disk());
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Both throw Error{io}.
  void write(const void* bytes, std::size_t size);
  void commit();

 private:
  FileSystem& files_;
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::unique_ptr<OutputFile> file_;
};

/// The whole of a small file.
void write_file(const std::filesystem::path& path, std::string_view content, FileSystem& files = disk());

/// Whether a name is that of AtomicFile's temporary files: a process that was killed leaves them behind.
bool is_temporary(std::string_view name);

}  // namespace emotrain::report
