#include "emotrain/study/directory.hpp"

#include "emotrain/config/differences.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/report/atomic_file.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* study_file = "study.json";

}  // namespace

StudyDirectory::StudyDirectory(const Study& study, fs::path path, FileSystem& files) : path_(std::move(path)) {
  if (files.exists(path_) && !files.is_directory(path_)) {
    fail(ErrorKind::cannot_create, "{}: is no directory; give another --output-dir", path_.string());
  }
  files.create_directories(path_);
  lock_ = files.lock(path_);
  const fs::path file = path_ / study_file;
  if (files.exists(file)) {
    if (files.read(file) == study.text) return;
    const std::vector<std::string> changes = config::differences(files.read(file), study.text);
    fail(ErrorKind::cannot_create, "{}: holds another study ({}{}); give another --output-dir, or remove it", path_.string(),
         changes.empty() ? "written otherwise" : changes.front(),
         changes.size() > 1 ? fmt::format(", and {} more", changes.size() - 1) : "");
  }
  for (const std::string& name : files.list(path_)) {
    if (report::is_temporary(name) || name.starts_with('.')) continue;
    fail(ErrorKind::cannot_create, "{}: is not empty and holds no study; give another --output-dir", path_.string());
  }
  report::write_file(file, study.text, files);
}

Study read_study(const fs::path& directory) {
  const fs::path file = directory / study_file;
  if (!disk().exists(file)) fail(ErrorKind::missing, "{}: there is no study.json; give the directory of a study", directory.string());
  return load_study(file.string());
}

Records merge_records(const Study& study, const std::vector<fs::path>& shards) {
  Records all;
  for (const fs::path& shard : shards) {
    if (read_study(shard).text != study.text) fail(ErrorKind::usage, "{}: is not a shard of the same study; leave it out", shard.string());
    all.merge(read_records(study, shard));
  }
  return all;
}

}  // namespace emotrain::study
