#include "emotrain/study/lesson_records.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/report/atomic_file.hpp"
#include "emotrain/train/build_info.hpp"
#include "study/json_number.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* file_name = "records.jsonl";

/// Tells builds apart, whose results may differ; what no commit names, by the program's file.
std::string program() {
  namespace build = train::build_info;
  const std::string commit = build::commit == nullptr ? "" : build::commit;
  std::string text = fmt::format("{} {} {} {}", build::version, commit, build::compiler, build::flags);
  if (!commit.empty() && !commit.ends_with("-dirty")) return text;
  std::error_code ignored;
  const fs::path file = "/proc/self/exe";
  const auto written = fs::last_write_time(fs::read_symlink(file, ignored), ignored).time_since_epoch().count();
  return text + fmt::format(" {}", written);
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string head_of(const Lesson& lesson, LessonSize size) {
  return dump({{"lesson", lesson.name},
               {"size", lesson_size_names[static_cast<std::size_t>(size)]},
               {"program", program()},
               {"text", lesson.text}});
}

/// A text of the first line of a file of records: of which lesson it is, and of which size; empty: it is of none.
std::string text_of(const std::string& head, const char* key) {
  const Json json = Json::parse(head, nullptr, false);
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

/// Why records with that head are not to be replaced by a lesson's; empty: they may be.
std::string fault_of(const std::string& head, const Lesson& lesson, LessonSize size) {
  const std::string other = text_of(head, "lesson");
  if (other.empty()) return "records of another kind; give another --output-dir";
  if (other != lesson.name) return fmt::format("the lesson {}; give another --output-dir", other);
  const std::string other_size = text_of(head, "size");
  if (other_size == lesson_size_names[static_cast<std::size_t>(size)]) return {};
  return fmt::format("the lesson in its size {}; give another --output-dir, or that size", other_size);
}

}  // namespace

LessonRecordFile::LessonRecordFile(const Lesson& lesson, LessonSize size, fs::path directory, FileSystem& files)
    : lesson_(lesson), directory_(std::move(directory)), files_(files), head_(head_of(lesson, size)) {
  if (files.exists(directory_) && !files.is_directory(directory_))
    fail(ErrorKind::cannot_create, "{}: is no directory; give another --output-dir", directory_.string());
  files.create_directories(directory_);
  lock_ = files.lock(directory_);
  const fs::path path = directory_ / file_name;
  if (files.exists(path)) {
    const std::string text = files.read(path);
    const std::string head = text.substr(0, text.find('\n'));
    if (head == head_ && text.size() > head.size()) {
      file_ = files.reopen(path, parse(text));
      return;
    }
    // A head that was not finished is nobody's.
    is_anew_ = head.size() < text.size();
    const std::string fault = is_anew_ ? fault_of(head, lesson, size) : "";
    if (!fault.empty()) fail(ErrorKind::cannot_create, "{}: holds {}", directory_.string(), fault);
  } else {
    for (const std::string& name : files.list(directory_)) {
      if (report::is_temporary(name) || name.starts_with('.')) continue;
      fail(ErrorKind::cannot_create, "{}: is not empty and holds no lesson; give another --output-dir", directory_.string());
    }
  }
  file_ = files.create(path);
  files.sync_directory(directory_);
  const std::string first = head_ + "\n";
  file_->write(first.data(), first.size());
}

std::string LessonRecordFile::line(const LessonKey& key, const LessonRecord& record) const {
  Json values = Json::object();
  for (const auto& [text, value] : record.values) values[text] = json_number(value);
  Json curves = Json::object();
  for (const auto& [series, curve] : record.curves) {
    Json numbers = Json::array();
    for (const double value : curve.values) numbers.push_back(json_number(value));
    curves[series] = {{"step", curve.steps}, {"value", std::move(numbers)}};
  }
  return dump({{"cell", lesson_.cells[key.cell].name},
               {"seed", key.seed},
               {"divergence", record.divergence},
               {"steps", record.steps},
               {"values", std::move(values)},
               {"curves", std::move(curves)}});
}

/// Returns the bytes up to the end of the last whole line.
std::size_t LessonRecordFile::parse(const std::string& text) {
  std::size_t begin = head_.size() + 1;
  for (Index number = 2;; ++number) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return begin;
    try {
      const Json json = Json::parse(std::string_view(text).substr(begin, end - begin));
      const auto cell = std::ranges::find(lesson_.cells, json.at("cell").get<std::string>(), &LessonCell::name);
      if (cell == lesson_.cells.end()) fail(ErrorKind::data, "the lesson has no such cell");
      LessonRecord record{
          .divergence = json.at("divergence").get<std::string>(), .steps = json.at("steps").get<Index>(), .values = {}, .curves = {}};
      for (const auto& [call, value] : json.at("values").items()) record.values[call] = number_of(value);
      for (const auto& [series, curve] : json.at("curves").items()) {
        Curve& out = record.curves[series];
        out.steps = curve.at("step").get<std::vector<Index>>();
        for (const Json& value : curve.at("value")) out.values.push_back(number_of(value));
      }
      records_.insert_or_assign({static_cast<std::size_t>(cell - lesson_.cells.begin()), json.at("seed").get<Index>()}, std::move(record));
    } catch (const std::exception& error) {
      fail(ErrorKind::data, "{}:{}: is no record of a run ({}); remove the line, and its run is done again",
           (directory_ / file_name).string(), number, error.what());
    }
    begin = end + 1;
  }
}

void LessonRecordFile::add(const LessonKey& key, LessonRecord record) {
  const std::string text = line(key, record) + "\n";
  file_->write(text.data(), text.size());
  records_.insert_or_assign(key, std::move(record));
}

void LessonRecordFile::sort() {
  std::string text = head_ + "\n";
  for (const auto& [key, record] : records_) text += line(key, record) + "\n";
  report::write_file(directory_ / file_name, text, files_);
  file_ = files_.reopen(directory_ / file_name, text.size());
}

}  // namespace emotrain::study
