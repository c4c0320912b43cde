#include "emotrain/core/error.hpp"
#include "emotrain/study/records.hpp"
#include "study/record_json.hpp"

namespace emotrain::study {
namespace {

constexpr const char* file_name = "records.jsonl";

/// Returns the bytes up to the end of the last whole line.
std::size_t parse_records(const Study& study, const std::filesystem::path& path, const std::string& text, Records& records) {
  std::size_t begin = 0;
  for (Index number = 1;; ++number) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return begin;
    try {
      auto [key, record] = parse_record(study, text.substr(begin, end - begin));
      records.insert_or_assign(key, std::move(record));
    } catch (const Error& error) {
      fail(ErrorKind::data, "{}:{}: {}; remove the line, and its job is done again", path.string(), number, error.what());
    }
    begin = end + 1;
  }
}

}  // namespace

RecordFile::RecordFile(const Study& study, const std::filesystem::path& directory, FileSystem& files) : study_(study) {
  const std::filesystem::path path = directory / file_name;
  if (files.exists(path)) {
    const std::size_t whole = parse_records(study, path, files.read(path), records_);
    file_ = files.reopen(path, whole);
  } else {
    file_ = files.create(path);
    files.sync_directory(directory);
  }
}

void RecordFile::add(const JobKey& key, JobRecord record) {
  const std::string line = record_line(study_, key, record) + "\n";
  file_->write(line.data(), line.size());
  records_.insert_or_assign(key, std::move(record));
}

Records read_records(const Study& study, const std::filesystem::path& directory, const FileSystem& files) {
  Records records;
  const std::filesystem::path path = directory / file_name;
  if (files.exists(path)) parse_records(study, path, files.read(path), records);
  return records;
}

}  // namespace emotrain::study
