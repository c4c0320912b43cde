#include "data/gzip_reader.hpp"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>

#include "emotrain/core/error.hpp"

namespace emotrain::data {

GzipReader::GzipReader(const std::filesystem::path& path) : path_(path) {
  const InputFile file(path);
  file_size_ = file.size();
  const int descriptor = ::dup(file.descriptor());
  stream_ = descriptor < 0 ? nullptr : gzdopen(descriptor, "rb");
  if (stream_ == nullptr) {
    if (descriptor >= 0) ::close(descriptor);
    fail(ErrorKind::io, "{}: cannot be opened; too many open files or too little memory", display(path_));
  }
  gzbuffer(stream_, 256 * 1024);
}

GzipReader::~GzipReader() { gzclose_r(stream_); }

Index GzipReader::read(void* out, Index count) {
  constexpr Index longest = Index{1} << 30;
  Index done = 0;
  while (done < count) {
    const auto wanted = static_cast<unsigned>(std::min(count - done, longest));
    const int n = gzread(stream_, static_cast<unsigned char*>(out) + done, wanted);
    int code = Z_OK;
    const char* text = gzerror(stream_, &code);
    // A stream cut short is reported only beside the last bytes that could be read.
    if (n < 0 || (code != Z_OK && code != Z_STREAM_END)) fail_here(code, text);
    position_ += n;
    done += n;
    if (static_cast<unsigned>(n) < wanted) break;
  }
  return done;
}

void GzipReader::fail_here(int code, const char* text) const {
  if (code == Z_ERRNO) fail(ErrorKind::io, "{}: reading failed after {} bytes of content: {}", display(path_), position_, text);
  if (code == Z_BUF_ERROR) {
    fail(ErrorKind::data, "{}: the gzip stream ends early, after {} bytes of content; get the file again", display(path_), position_);
  }
  fail(ErrorKind::data, "{}: damaged gzip stream after {} bytes of content ({}); get the file again", display(path_), position_, text);
}

}  // namespace emotrain::data
