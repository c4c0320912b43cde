#include "emotrain/core/file_system.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "emotrain/core/error.hpp"

namespace emotrain {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_write(const fs::path& path, int error) {
  fail(ErrorKind::io, "{}: writing failed: {}", path.string(), std::strerror(error));
}

[[noreturn]] void fail_create(const fs::path& path, int error) {
  fail(ErrorKind::cannot_create, "{}: cannot be created: {}; choose a directory that can be written to", path.string(),
       std::strerror(error));
}

/// What is there but cannot be opened now is not missing.
[[noreturn]] void fail_open(const fs::path& path, int error) {
  if (error == ENOENT || error == ENOTDIR) fail(ErrorKind::missing, "{}: there is no such file; check the path", path.string());
  fail(ErrorKind::io, "{}: cannot be opened: {}; check its permissions", path.string(), std::strerror(error));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

class DiskOutput final : public OutputFile {
 public:
  DiskOutput(fs::path path, int descriptor, std::uint64_t size) : path_(std::move(path)), file_(descriptor), size_(size) {}

  void write(const void* bytes, std::size_t size) override {
    const char* next = static_cast<const char*>(bytes);
    while (size > 0) {
      const ::ssize_t written = ::write(file_.number(), next, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_write(path_, errno);
      next += written;
      size -= static_cast<std::size_t>(written);
      size_ += static_cast<std::uint64_t>(written);
    }
  }
  /// Some file systems report a failed write only here.
  void sync() override {
    if (::fsync(file_.number()) != 0) fail_write(path_, errno);
  }
  std::uint64_t size() const override { return size_; }

 private:
  fs::path path_;
  Descriptor file_;
  std::uint64_t size_;
};

class DiskInput final : public InputFile {
 public:
  DiskInput(fs::path path, int descriptor, std::uint64_t size) : path_(std::move(path)), file_(descriptor), size_(size) {}

  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, void* bytes, std::size_t size) const override {
    char* next = static_cast<char*>(bytes);
    while (size > 0) {
      const ::ssize_t got = ::pread(file_.number(), next, size, static_cast<::off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) fail(ErrorKind::io, "{}: reading failed: {}", path_.string(), got < 0 ? std::strerror(errno) : "it became shorter");
      next += got;
      offset += static_cast<std::uint64_t>(got);
      size -= static_cast<std::size_t>(got);
    }
  }

 private:
  fs::path path_;
  Descriptor file_;
  std::uint64_t size_;
};

class Disk final : public FileSystem {
 public:
  Kind kind(const Path& path) const override {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return Kind::none;
    if (S_ISREG(status.st_mode)) return Kind::file;
    if (S_ISDIR(status.st_mode)) return Kind::directory;
    return S_ISLNK(status.st_mode) ? Kind::symlink : Kind::other;
  }

  std::vector<std::string> list(const Path& directory) const override {
    std::vector<std::string> names;
    try {
      for (const fs::directory_entry& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename().string());
    } catch (const fs::filesystem_error& error) {
      fail(ErrorKind::io, "{}: the directory cannot be read: {}", directory.string(), error.code().message());
    }
    std::ranges::sort(names);
    return names;
  }

  std::unique_ptr<InputFile> open(const Path& path) const override {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) fail_open(path, errno);
    if (!S_ISREG(status.st_mode)) fail(ErrorKind::data, "{}: it is no regular file; check the path", path.string());
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail_open(path, errno);
    return std::make_unique<DiskInput>(path, descriptor, static_cast<std::uint64_t>(status.st_size));
  }

  Path read_link(const Path& path) const override {
    std::error_code error;
    Path target = fs::read_symlink(path, error);
    if (error) fail(ErrorKind::io, "{}: the link cannot be read: {}", path.string(), error.message());
    return target;
  }

  Path real_path(const Path& path) const override {
    std::error_code error;
    Path real = fs::canonical(path, error);
    if (error) fail(ErrorKind::io, "{}: cannot be found: {}", path.string(), error.message());
    return real;
  }

  std::unique_ptr<OutputFile> create(const Path& path, bool fresh) override {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (fresh ? O_EXCL : O_TRUNC), 0666);
    if (descriptor < 0) fail_create(path, errno);
    return std::make_unique<DiskOutput>(path, descriptor, 0);
  }

  std::unique_ptr<OutputFile> reopen(const Path& path, std::uint64_t size) override {
    const std::uint64_t there = open(path)->size();
    if (there < size) fail(ErrorKind::data, "{}: has {} bytes, of which {} are known; it has been cut", path.string(), there, size);
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (descriptor < 0) fail(ErrorKind::io, "{}: cannot be opened for writing: {}", path.string(), std::strerror(errno));
    auto file = std::make_unique<DiskOutput>(path, descriptor, size);
    if (::ftruncate(descriptor, static_cast<::off_t>(size)) != 0) fail_write(path, errno);
    return file;
  }

  bool create_directory(const Path& path) override {
    if (::mkdir(path.c_str(), 0777) == 0) return true;
    if (errno == EEXIST) return false;
    fail(ErrorKind::cannot_create, "{}: the directory cannot be created: {}; choose another place", path.string(), std::strerror(errno));
  }

  bool create_symlink(const Path& target, const Path& path) override {
    if (::symlink(target.c_str(), path.c_str()) == 0) return true;
    if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS) return false;
    fail_create(path, errno);
  }

  void rename(const Path& from, const Path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) fail_write(to, errno);
  }

  void sync_directory(const Path& path) override {
    const Descriptor directory(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // A file system that cannot sync directories says EINVAL; there is nothing more to be done on it.
    if (directory.number() < 0 || (::fsync(directory.number()) != 0 && errno != EINVAL)) fail_write(path, errno);
  }

  std::shared_ptr<void> lock(const Path& directory) override {
    auto held = std::make_shared<Descriptor>(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (held->number() < 0) fail(ErrorKind::io, "{}: the directory cannot be read: {}", directory.string(), std::strerror(errno));
    // A file system without locks has no say; the operating system lets go when the process ends, however it ends.
    if (::flock(held->number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      fail(ErrorKind::cannot_create, "{}: another process is at work on this run; wait for its end, or choose another directory",
           directory.string());
    }
    return held;
  }

  void remove(const Path& path) override {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) fail(ErrorKind::io, "{}: cannot be removed: {}", path.string(), error.message());
  }
};

}  // namespace

void FileSystem::create_directories(const Path& path) {
  if (path.empty() || exists(path)) return;
  create_directories(path.parent_path());
  if (create_directory(path)) sync_directory(path.parent_path());
}

FileSystem::Path FileSystem::follow(Path path) const {
  constexpr int most = 40;  // as the operating system
  for (int links = 0; links < most && kind(path) == Kind::symlink; ++links) path = path.parent_path() / read_link(path);
  return path;
}

std::string FileSystem::read(const Path& path) const {
  const auto file = open(path);
  std::string content(static_cast<std::size_t>(file->size()), '\0');
  file->read(0, content.data(), content.size());
  return content;
}

FileSystem& disk() {
  static Disk instance;
  return instance;
}

}  // namespace emotrain
