#pragma once
#include <filesystem>

#include "data/input_file.hpp"

struct gzFile_s;

namespace emotrain::data {

/// Reads a file that may be compressed with gzip; its content decides, not its name. Several members are read as one; bytes after the
/// last member are ignored, as gzip does. Throws as InputFile, Error{data} for a damaged or truncated stream or a wrong checksum.
class GzipReader {
 public:
  explicit GzipReader(const std::filesystem::path& path);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  /// Size of the file as it lies on the disk.
  Index file_size() const noexcept { return file_size_; }
  /// Reads up to `count` bytes of the content, fewer only at its end.
  Index read(void* out, Index count);

 private:
  [[noreturn]] void fail_here(int code, const char* text) const;

  std::filesystem::path path_;
  Index file_size_ = 0;
  Index position_ = 0;
  gzFile_s* stream_ = nullptr;
};

}  // namespace emotrain::data
