#include "data/csv.hpp"

#include <algorithm>
#include <unordered_set>

#include "data/input_file.hpp"
#include "data/number.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::data {
namespace {

constexpr Index max_file_bytes = Index{1} << 30;
constexpr std::size_t max_columns = 65'536;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

CsvReader::CsvReader(const std::filesystem::path& path) : path_(path), text_(read_file(path, max_file_bytes)) {
  const std::string_view start = std::string_view(text_).substr(0, 3);
  if (start == "\xEF\xBB\xBF") position_ = 3;
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) {
    fail(ErrorKind::data, "{}: is UTF-16; save it as UTF-8", display(path_));
  }
  std::vector<std::string_view> fields;
  if (!read_record(fields)) fail(ErrorKind::data, "{}: is empty; a header row with the names of the columns is needed", display(path_));
  header_.assign(fields.begin(), fields.end());
  check_header();
}

void CsvReader::check_header() const {
  if (std::all_of(header_.begin(), header_.end(), [](const std::string& name) { return parse_number(name).has_value(); })) {
    fail(ErrorKind::data, "{}: the first row holds numbers; a header row with the names of the columns is needed", place());
  }
  std::unordered_set<std::string_view> names;
  for (const std::string& name : header_) {
    if (name.empty()) fail(ErrorKind::data, "{}: column {} has no name; name each column", place(), names.size() + 1);
    if (!names.insert(name).second) fail(ErrorKind::data, "{}: two columns are named \"{}\"; rename one", place(), display(name));
  }
}

Index CsvReader::column(std::string_view name) const noexcept {
  const auto found = std::find(header_.begin(), header_.end(), name);
  return found == header_.end() ? -1 : found - header_.begin();
}

bool CsvReader::next(std::vector<std::string_view>& fields) {
  if (!read_record(fields)) return false;
  if (fields.size() != header_.size()) {
    fail(ErrorKind::data, "{}: has {} fields where the header names {} columns; fields are separated by commas", place(), fields.size(),
         header_.size());
  }
  return true;
}

std::string CsvReader::place() const { return fmt::format("{}:{}", display(path_), row_line_); }

bool CsvReader::read_record(std::vector<std::string_view>& fields) {
  while (position_ < text_.size()) {
    fields.clear();
    row_line_ = line_;
    skip_blanks();
    if (at_line_end()) {
      end_line();
      continue;
    }
    for (;;) {
      if (fields.size() == max_columns) fail(ErrorKind::data, "{}: more than the {} columns that are read", place(), max_columns);
      skip_blanks();
      const bool quoted = position_ < text_.size() && text_[position_] == '"';
      fields.push_back(quoted ? read_quoted_field() : read_plain_field());
      if (at_line_end()) break;
      ++position_;
    }
    end_line();
    return true;
  }
  return false;
}

std::string_view CsvReader::read_plain_field() {
  const std::size_t begin = position_;
  while (!at_line_end() && text_[position_] != ',') {
    if (text_[position_] == '\0') fail(ErrorKind::data, "{}: holds a NUL byte; is this a text file?", place());
    ++position_;
  }
  std::size_t end = position_;
  while (end > begin && is_blank(text_[end - 1])) --end;
  return std::string_view(text_).substr(begin, end - begin);
}

std::string_view CsvReader::read_quoted_field() {
  // The field is unquoted in place: it never grows.
  const std::size_t begin = ++position_;
  std::size_t end = begin;
  for (;; ++position_) {
    if (position_ == text_.size()) fail(ErrorKind::data, "{}: a quoted field of this row never ends; add the closing quote", place());
    const char c = text_[position_];
    if (c == '\0') fail(ErrorKind::data, "{}: holds a NUL byte; is this a text file?", place());
    if (c == '"') {
      ++position_;
      if (position_ == text_.size() || text_[position_] != '"') break;
    }
    if (c == '\n') ++line_;
    text_[end++] = c;
  }
  skip_blanks();
  if (!at_line_end() && text_[position_] != ',') {
    fail(ErrorKind::data, "{}: text follows a closing quote; double the quotes inside a quoted field", place());
  }
  return std::string_view(text_).substr(begin, end - begin);
}

void CsvReader::skip_blanks() {
  while (position_ < text_.size() && is_blank(text_[position_])) ++position_;
}

void CsvReader::end_line() {
  if (position_ == text_.size()) return;
  if (text_[position_] == '\r') {
    ++position_;
    if (position_ == text_.size() || text_[position_] != '\n') {
      fail(ErrorKind::data, "{}:{}: a carriage return without a line feed; save it with LF or CRLF line ends", display(path_), line_);
    }
  }
  ++position_;
  ++line_;
}

}  // namespace emotrain::data
