#include "emotrain/report/atomic_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "emotrain/core/error.hpp"

namespace emotrain::report {
namespace {

constexpr std::string_view temporary_suffix = ".part";

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  return path.parent_path() / fmt::format(".{}.{}{}", path.filename().string(), ::getpid(), temporary_suffix);
}

/// The name of the temporary file would tell nobody anything.
std::unique_ptr<OutputFile> create(const std::filesystem::path& path, FileSystem& files) {
  const std::filesystem::path parent = path.parent_path();
  if (!parent.empty() && !files.is_directory(parent)) {
    fail(ErrorKind::cannot_create, "{}: there is no directory {}; make it first", path.string(), parent.string());
  }
  return files.create(temporary_name(path));
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path, FileSystem& files)
    : files_(files), path_(std::move(path)), temporary_(temporary_name(path_)), file_(create(path_, files)) {}

AtomicFile::~AtomicFile() {
  if (file_ == nullptr) return;
  file_.reset();
  try {
    files_.remove(temporary_);
  } catch (const Error&) {  // the error that led here is the one to hear of
  }
}

void AtomicFile::write(const void* bytes, std::size_t size) { file_->write(bytes, size); }

void AtomicFile::commit() {
  file_->sync();
  files_.rename(temporary_, path_);
  file_.reset();
  files_.sync_directory(path_.parent_path());
}

void write_file(const std::filesystem::path& path, std::string_view content, FileSystem& files) {
  AtomicFile file(path, files);
  file.write(content.data(), content.size());
  file.commit();
}

bool is_temporary(std::string_view name) { return name.starts_with('.') && name.ends_with(temporary_suffix); }

}  // namespace emotrain::report
