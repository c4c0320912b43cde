#include "data/locate.hpp"

#include <system_error>
#include <vector>

#include "data/input_file.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::data {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> data_folders(const std::optional<std::string>& root) {
  if (root) return {*root};
  std::vector<fs::path> folders = {"data"};
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (!error) folders.push_back(executable.parent_path().parent_path() / "share/emotrain/data");
#ifdef EMOTRAIN_SHARE_DIR
  const fs::path installed = fs::path(EMOTRAIN_SHARE_DIR) / "data";
  if (installed != folders.back()) folders.push_back(installed);
#endif
  return folders;
}

}  // namespace

fs::path find_bundled(const std::optional<std::string>& root, const char* name) {
  std::string looked;
  for (const fs::path& folder : data_folders(root)) {
    fs::path candidate = folder / name;
    std::error_code error;
    if (fs::is_directory(candidate, error)) return candidate;
    const fs::path absolute = fs::absolute(candidate, error);
    if (!looked.empty()) looked += ", ";
    looked += display(error ? candidate : absolute);
  }
  fail(ErrorKind::missing, "data set folder \"{}\" not found; looked for {}: run where the folder data is, or set data.root", name, looked);
}

fs::path find_file(const fs::path& folder, std::initializer_list<const char*> names) {
  std::string looked;
  for (const char* name : names) {
    std::error_code error;
    if (fs::exists(folder / name, error)) return folder / name;
    if (!looked.empty()) looked += ", ";
    looked += name;
  }
  fail(ErrorKind::missing, "{}: holds none of {}; restore the file or set data.root", display(folder), looked);
}

fs::path resolve(const std::optional<std::string>& root, const std::string& path) { return root ? fs::path(*root) / path : fs::path(path); }

}  // namespace emotrain::data
