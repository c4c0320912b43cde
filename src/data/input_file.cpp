#include "data/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "emotrain/core/error.hpp"

namespace emotrain::data {

std::string display(std::string_view text) {
  constexpr std::size_t longest = 120;
  std::string shown;
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown += c;
    }
  }
  if (text.size() > longest) shown += fmt::format("... ({} bytes)", text.size());
  return shown;
}

std::string display(const std::filesystem::path& path) {
  const std::string& text = path.native();
  constexpr std::size_t longest = 1000;
  if (text.size() <= longest) {
    std::string shown;
    for (std::size_t at = 0; at < text.size(); at += 100) shown += display(std::string_view(text).substr(at, 100));
    return shown;
  }
  return display(std::string_view(text));
}

InputFile::InputFile(std::filesystem::path path) : path_(std::move(path)) {
  if (path_.native().find('\0') != std::string::npos) fail(ErrorKind::missing, "{}: not a file name", display(path_));
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (descriptor_ < 0) fail(ErrorKind::missing, "{}: cannot be read: {}", display(path_), std::strerror(errno));
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    fail(ErrorKind::data, "{}: is {}; a file is needed here", display(path_), S_ISDIR(status.st_mode) ? "a folder" : "a pipe or device");
  }
  size_ = static_cast<Index>(status.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

Index InputFile::read(char* out, Index count) {
  Index done = 0;
  while (done < count) {
    const ssize_t n = ::read(descriptor_, out + done, static_cast<std::size_t>(count - done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(ErrorKind::io, "{}: reading failed: {}", display(path_), std::strerror(errno));
    if (n == 0) break;
    done += n;
  }
  return done;
}

std::string read_file(const std::filesystem::path& path, Index limit) {
  InputFile file(path);
  if (file.size() > limit) {
    fail(ErrorKind::data, "{}: has {} bytes, more than the {} that are read of such a file", display(path), file.size(), limit);
  }
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  const Index count = file.read(text.data(), file.size());
  if (count < file.size()) {
    fail(ErrorKind::data, "{}: ended after {} of {} bytes; it was changed while it was read", display(path), count, file.size());
  }
  return text;
}

}  // namespace emotrain::data
