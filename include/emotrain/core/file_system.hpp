#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

/// The files that a run writes, and reads back when it is resumed: an interface, so that tests can keep them in memory and let any
/// operation fail. Paths are as the operating system takes them. Every error names the path: Error{missing} for what is to be read and is
/// not there, Error{cannot_create} for what cannot be created, Error{io} for everything else.
namespace emotrain {

/// A file that is being written. Closed when it is destroyed, which says nothing about the disk: sync() does.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Appends.
  virtual void write(const void* bytes, std::size_t size) = 0;
  /// Returns when everything written is on the disk.
  virtual void sync() = 0;
  /// Bytes written so far.
  virtual std::uint64_t size() const = 0;

 protected:
  OutputFile() = default;
};

class InputFile {
 public:
  virtual ~InputFile() = default;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  virtual std::uint64_t size() const = 0;
  /// Precondition: offset + size <= size().
  virtual void read(std::uint64_t offset, void* bytes, std::size_t size) const = 0;

 protected:
  InputFile() = default;
};

class FileSystem {
 public:
  using Path = std::filesystem::path;
  /// `other`: a device, a pipe, ...
  enum class Kind { none, file, directory, symlink, other };

  virtual ~FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;

  /// Of the path itself: a symlink is not followed.
  virtual Kind kind(const Path& path) const = 0;
  /// Names in a directory, sorted.
  virtual std::vector<std::string> list(const Path& directory) const = 0;
  /// Follows symlinks. Throws Error{data} for what is no regular file.
  virtual std::unique_ptr<InputFile> open(const Path& path) const = 0;
  virtual Path read_link(const Path& path) const = 0;
  /// The one path, without symlinks, of what is there.
  virtual Path real_path(const Path& path) const = 0;

  /// An empty file; one that is there is emptied, unless `fresh`: then it must not be there.
  virtual std::unique_ptr<OutputFile> create(const Path& path, bool fresh = false) = 0;
  /// Cuts a file to `size` bytes and goes on behind them. Throws Error{data} if it is shorter.
  virtual std::unique_ptr<OutputFile> reopen(const Path& path, std::uint64_t size) = 0;
  /// False if something of that name is there already. The parent must be there.
  virtual bool create_directory(const Path& path) = 0;
  /// False if this file system has no symlinks.
  virtual bool create_symlink(const Path& target, const Path& path) = 0;
  /// Atomic; replaces a file or symlink.
  virtual void rename(const Path& from, const Path& to) = 0;
  /// Brings a directory's entries (creations, renames) to the disk.
  virtual void sync_directory(const Path& path) = 0;
  /// Keeps other processes from taking the same directory for as long as the result lives. Throws Error{cannot_create} if one has it. Null:
  /// nothing needs to be kept.
  virtual std::shared_ptr<void> lock(const Path& /*directory*/) { return nullptr; }
  /// A file, a symlink, or a directory with all that is in it; nothing if there is nothing.
  virtual void remove(const Path& path) = 0;

  void create_directories(const Path& path);
  /// Where the symlinks that a path names lead: only its last part is looked at.
  Path follow(Path path) const;
  /// Whether a directory is there, or a symlink to one.
  bool is_directory(const Path& path) const { return kind(follow(path)) == Kind::directory; }
  /// The whole of a file.
  std::string read(const Path& path) const;
  /// Whether an entry of that name is there, whatever it is (a symlink that leads nowhere too).
  bool exists(const Path& path) const { return kind(path) != Kind::none; }

 protected:
  FileSystem() = default;
};

/// The operating system's.
FileSystem& disk();

}  // namespace emotrain
