#include "emotrain/report/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "emotrain/core/error.hpp"

namespace emotrain::report {
namespace {

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  return path.parent_path() / fmt::format(".{}.{}.part", path.filename().string(), ::getpid());
}

}  // namespace

void write_all(int descriptor, const std::filesystem::path& path, const void* bytes, std::size_t size) {
  const char* next = static_cast<const char*>(bytes);
  while (size > 0) {
    const ::ssize_t written = ::write(descriptor, next, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(ErrorKind::io, "{}: writing failed: {}", path.string(), std::strerror(errno));
    }
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)), temporary_(temporary_name(path_)) {
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    fail(ErrorKind::cannot_create, "{}: cannot be created: {}; choose a directory that can be written to", path_.string(),
         std::strerror(errno));
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* bytes, std::size_t size) { write_all(descriptor_, path_, bytes, size); }

void AtomicFile::commit() {
  // Some file systems report a failed write only here.
  if (::fsync(descriptor_) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    fail(ErrorKind::io, "{}: writing failed: {}", path_.string(), std::strerror(errno));
  }
  ::close(std::exchange(descriptor_, -1));
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content.data(), content.size());
  file.commit();
}

}  // namespace emotrain::report
