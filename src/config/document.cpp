#include "emotrain/config/document.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <unordered_set>
#include <utility>

#include "config/cursor.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::config {
namespace {

using Json = nlohmann::json;

/// Receives the parser's events; each returns whether to go on.
class TreeBuilder final : public nlohmann::json_sax<Json> {
 public:
  TreeBuilder(std::string_view text, std::shared_ptr<const std::string> source, bool has_lines, std::string pointer,
              const DocumentKind& kind)
      : cursor_(text), source_(std::move(source)), has_lines_(has_lines), base_(std::move(pointer)), kind_(kind) {}

  bool null() override { return scalar(nullptr); }
  bool boolean(bool value) override { return scalar(value); }
  bool number_integer(number_integer_t value) override { return scalar(Number{static_cast<double>(value), value}); }
  bool number_unsigned(number_unsigned_t value) override {
    Number number{static_cast<double>(value), {}};
    if (std::in_range<Index>(value)) number.integer = static_cast<Index>(value);
    return scalar(number);
  }
  bool number_float(number_float_t value, const string_t& token) override {
    if (value == 0 && token.substr(0, token.find_first_of("eE")).find_first_of("123456789") != std::string::npos) {
      fault_at(cursor_.peek_token(), "a number too small for double precision (below about 4.9e-324); write 0 if that is meant", pointer());
      return false;
    }
    constexpr double exact = 9007199254740992.0;  // 2^53: whole doubles up to here say what was written
    Number number{value, {}};
    if (std::trunc(value) == value && std::abs(value) <= exact) number.integer = static_cast<Index>(value);
    return scalar(number);
  }
  bool string(string_t& value) override { return scalar(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }

  bool start_object(std::size_t /*size*/) override { return open(Value::Object{}); }
  bool start_array(std::size_t /*size*/) override { return open(Value::Array{}); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& key) override;
  bool parse_error(std::size_t position, const std::string& last_token, const Json::exception& error) override;

  /// Ends the reading.
  void fault(Place place, std::string text, std::string pointer) {
    problems_.push_back({std::move(place), std::move(pointer), std::move(text)});
    complete_ = false;
  }
  void fault_at(std::size_t offset, std::string text, std::string pointer) {
    fault(place_of(cursor_.locate(offset)), std::move(text), std::move(pointer));
  }
  bool complete() const { return complete_; }
  std::vector<Problem>& problems() { return problems_; }
  Value& root() { return root_; }

 private:
  struct Open {
    Value* value;
    std::unordered_set<std::string> keys;
  };

  Place place_of(Location at) const { return has_lines_ ? Place{source_, at.line, at.column} : Place{source_, 0, 0}; }
  std::string pointer() const;
  Value* add(Value&& value);
  bool scalar(decltype(Value::data) data);
  bool open(decltype(Value::data) data);
  bool close();

  Cursor cursor_;
  std::shared_ptr<const std::string> source_;
  bool has_lines_;
  std::string base_;
  const DocumentKind& kind_;
  Value root_;
  std::vector<Open> open_;
  std::vector<Problem> problems_;
  bool complete_ = true;
};

/// Of the value that is being read.
std::string TreeBuilder::pointer() const {
  std::string pointer = base_;
  for (const Open& open : open_) {
    if (const auto* array = std::get_if<Value::Array>(&open.value->data)) {
      const bool innermost = &open == &open_.back();
      pointer += fmt::format("/{}", innermost ? array->size() : array->size() - 1);
    } else if (const auto& object = std::get<Value::Object>(open.value->data); !object.empty()) {
      pointer = member_pointer(pointer, object.back().key);
    }
  }
  return pointer;
}

/// Puts a value where it belongs. Pointers to it hold until its container grows, and only the innermost open container grows.
Value* TreeBuilder::add(Value&& value) {
  if (open_.empty()) {
    root_ = std::move(value);
    return &root_;
  }
  Value& parent = *open_.back().value;
  if (auto* array = std::get_if<Value::Array>(&parent.data)) return &array->emplace_back(std::move(value));
  Member& member = std::get<Value::Object>(parent.data).back();
  member.value = std::move(value);
  return &member.value;
}

bool TreeBuilder::scalar(decltype(Value::data) data) {
  add(Value{place_of(cursor_.next_token()), std::move(data)});
  return true;
}

bool TreeBuilder::open(decltype(Value::data) data) {
  const Place place = place_of(cursor_.next_token());
  if (open_.size() >= static_cast<std::size_t>(max_nesting)) {
    fault(place, fmt::format("more than {} brackets within brackets; a {} needs fewer than 10", max_nesting, kind_.name), base_);
    return false;
  }
  open_.push_back({add(Value{place, std::move(data)}), {}});
  return true;
}

bool TreeBuilder::close() {
  cursor_.next_token();
  open_.pop_back();
  return true;
}

bool TreeBuilder::key(string_t& key) {
  const Place place = place_of(cursor_.next_token());
  auto& object = std::get<Value::Object>(open_.back().value->data);
  const bool fresh = open_.back().keys.insert(key).second;
  object.push_back({std::move(key), place, {}});
  constexpr std::size_t most_problems = 100;
  if (!fresh && problems_.size() < most_problems) problems_.push_back({place, pointer(), "the key is given twice; keep one of them"});
  return true;
}

/// The parser's words, without its numbers, which cannot be relied on in 3.11, and what it read last, which may be long.
std::string plain_words(std::string_view words) {
  if (const auto at = words.find(" - "); at != std::string_view::npos) words.remove_prefix(at + 3);
  const auto read = words.find("; last read: ");
  if (read == std::string_view::npos) return std::string(words);
  const auto expected = words.rfind("; expected ");
  std::string result(words.substr(0, read));
  if (expected != std::string_view::npos && expected > read) result += words.substr(expected);
  return result;
}

bool TreeBuilder::parse_error(std::size_t position, const std::string& /*last_token*/, const Json::exception& error) {
  constexpr int number_overflow = 406;
  if (error.id == number_overflow) {
    fault_at(cursor_.peek_token(), "a number beyond the range of double precision (about 1.8e308)", pointer());
    return false;
  }
  const std::string words = plain_words(error.what());
  const std::string_view text = cursor_.text();
  std::size_t offset = std::min(position == 0 ? 0 : position - 1, text.size());
  const bool long_token = offset < text.size() && std::string_view("[]{},:").find(text[offset]) == std::string_view::npos;
  if (words.starts_with("unexpected") && long_token) offset = std::min(offset, cursor_.peek_token());
  const std::string_view rest = text.substr(offset, 20);
  fault_at(offset, fmt::format("not valid JSON: {}{}", words, rest.empty() ? "" : " at " + quoted(rest)), base_);
  return false;
}

/// Throws if the reading ended early; other faults are added to `problems`.
Value parse(std::string_view text, const std::string& source, bool has_lines, const std::string& pointer, const DocumentKind& kind,
            std::vector<Problem>& problems) {
  TreeBuilder builder(text, std::make_shared<const std::string>(source), has_lines, pointer, kind);
  if (text.size() > kind.max_bytes) {
    builder.fault_at(0, fmt::format("longer than {} KiB; this is no {}", kind.max_bytes / 1024, kind.name), pointer);
  } else if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    builder.fault_at(0, "UTF-16 text; save it as UTF-8", pointer);
  } else if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    builder.fault_at(nul, fmt::format("a NUL byte; a {} is plain text", kind.name), pointer);
  } else {
    Json::sax_parse(text.begin(), text.end(), &builder);
  }
  if (!builder.complete()) throw ConfigError(kind.fault, std::move(builder.problems()));
  problems.insert(problems.end(), builder.problems().begin(), builder.problems().end());
  return std::move(builder.root());
}

Value parse_strictly(std::string_view text, const std::string& source, bool has_lines, const std::string& pointer,
                     const DocumentKind& kind) {
  std::vector<Problem> problems;
  Value value = parse(text, source, has_lines, pointer, kind, problems);
  if (!problems.empty()) throw ConfigError(kind.fault, std::move(problems));
  return value;
}

/// At most `most` bytes.
std::string read_bytes(std::ifstream& stream, std::size_t most) {
  constexpr std::size_t piece = std::size_t{1} << 20;
  std::string text;
  while (text.size() < most && stream) {
    const std::size_t before = text.size();
    text.resize(std::min(before + piece, most));
    stream.read(text.data() + before, static_cast<std::streamsize>(text.size() - before));
    text.resize(before + static_cast<std::size_t>(stream.gcount()));
  }
  return text;
}

}  // namespace

Value parse_document(std::string_view text, const std::string& file, const DocumentKind& kind) {
  return parse_strictly(text, file, true, {}, kind);
}
Value parse_argument(std::string_view text, const std::string& source, const std::string& pointer) {
  return parse_strictly(text, source, false, pointer, configuration_document);
}

std::string read_text(const std::string& file, const DocumentKind& kind) {
  if (file.empty()) fail(ErrorKind::missing, "the path is empty; give a {} file", kind.name);
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) fail(ErrorKind::missing, "{}: is a folder; give a {} file", file, kind.name);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail(ErrorKind::missing, "{}: {}; give the path of a {} file", file, std::generic_category().message(errno), kind.name);
  std::string text = read_bytes(stream, kind.max_bytes + 1);
  if (stream.bad()) fail(ErrorKind::io, "{}: cannot be read: {}", file, std::generic_category().message(errno));
  return text;
}

Value read_document(const std::string& file, const DocumentKind& kind) { return parse_document(read_text(file, kind), file, kind); }

Value parse_document(std::string_view text, const std::string& file, std::vector<Problem>& problems, const DocumentKind& kind) {
  return parse(text, file, true, {}, kind, problems);
}

std::string Place::str() const {
  const std::string_view name = source ? std::string_view(*source) : "configuration";
  return line == 0 ? std::string(name) : fmt::format("{}:{}:{}", name, line, column);
}

std::string Problem::str() const {
  return pointer.empty() ? fmt::format("{}: {}", place.str(), text) : fmt::format("{}: {}: {}", place.str(), pointer, text);
}

const Member* Value::find(std::string_view key) const {
  const auto* object = std::get_if<Object>(&data);
  if (object == nullptr) return nullptr;
  for (const Member& member : *object) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

const Value* Value::step(const std::string& key_or_number) const {
  if (const auto* array = std::get_if<Array>(&data)) {
    std::size_t number = 0;
    const char* end = key_or_number.data() + key_or_number.size();
    const auto [rest, error] = std::from_chars(key_or_number.data(), end, number);
    return error == std::errc{} && rest == end && number < array->size() ? &(*array)[number] : nullptr;
  }
  const Member* member = find(key_or_number);
  return member == nullptr ? nullptr : &member->value;
}

Member* Value::find(std::string_view key) { return const_cast<Member*>(std::as_const(*this).find(key)); }

bool is_utf8(std::string_view text) {
  const Json literal(std::string{text});
  return literal.dump(-1, ' ', false, Json::error_handler_t::ignore).size() ==
         literal.dump(-1, ' ', false, Json::error_handler_t::replace).size();
}

std::string string_literal(std::string_view text) { return Json(std::string(text)).dump(); }

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 60;
  const Json literal(std::string(text.substr(0, longest)));
  std::string result = literal.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > longest) result.insert(result.size() - 1, "...");
  return result;
}

std::string member_pointer(std::string_view pointer, std::string_view key) {
  std::string shown = quoted(key);
  std::string result(pointer);
  result += '/';
  for (const char c : std::string_view(shown).substr(1, shown.size() - 2)) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

}  // namespace emotrain::config
