#pragma once
#include <string>
#include <string_view>
#include <utility>

/// JSON on one line. Values are JSON themselves.
class JsonObject {
 public:
  JsonObject& add(std::string_view key, const std::string& value) {
    text_ += (text_.empty() ? "" : ", ") + key_text(key) + value;
    return *this;
  }
  std::string str() const { return "{" + text_ + "}"; }

 private:
  static std::string key_text(std::string_view key);
  std::string text_;
};

std::string json(bool value);
/// Infinity and NaN, which JSON does not know, are null.
std::string json(double value);
std::string json(const std::string& text);
inline std::string json(const char* text) { return json(std::string(text)); }
inline std::string json_number(auto whole_number) { return std::to_string(whole_number); }

/// `of(element)` is an element's JSON.
template <class List, class Of>
std::string json_list(const List& list, Of&& of) {
  std::string text;
  for (const auto& element : list) text += (text.empty() ? "" : ", ") + of(element);
  return "[" + text + "]";
}

/// A JSON document with one value to a line, on one line.
std::string one_line_json(const std::string& document);
