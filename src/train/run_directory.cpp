#include "train/run_directory.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "emotrain/core/error.hpp"

namespace emotrain::train {
namespace {

namespace fs = std::filesystem;

void create_with_parents(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    fail(ErrorKind::cannot_create, "{}: the directory cannot be created: {}; choose another with --output-dir", path.string(),
         error.message());
}

fs::path use_given(const fs::path& path) {
  if (path.empty()) fail(ErrorKind::cannot_create, "--output-dir: an empty path names no directory");
  create_with_parents(path);
  std::error_code error;
  const bool empty = fs::is_empty(path, error);
  if (error) fail(ErrorKind::cannot_create, "{}: the directory cannot be read: {}", path.string(), error.message());
  if (!empty)
    fail(ErrorKind::cannot_create, "{}: the directory is not empty; choose another with --output-dir, or empty it", path.string());
  return path;
}

}  // namespace

fs::path create_run_directory(const std::optional<fs::path>& given, const std::string& name) {
  if (given) return use_given(*given);
  const fs::path runs = "runs";
  create_with_parents(runs);
  for (int n = 1;; ++n) {
    fs::path path = runs / fmt::format("{}-{}", name, n);
    if (::mkdir(path.c_str(), 0777) == 0) return path;
    if (errno != EEXIST) {
      fail(ErrorKind::cannot_create, "{}: the directory cannot be created: {}; choose another with --output-dir", path.string(),
           std::strerror(errno));
    }
  }
}

}  // namespace emotrain::train
