#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "emotrain/config/document.hpp"

namespace emotrain::config {

/// A value of a recording and the way to it. Every reader throws Error{data} with the value's Problem unless the value is what it reads.
class RecordingValue {
 public:
  explicit RecordingValue(const Value& root) : value_(&root) {}

  const Value& value() const { return *value_; }
  const std::string& pointer() const { return pointer_; }
  [[noreturn]] void refuse(std::string text) const;
  [[noreturn]] void expect(const char* what) const;

  double number() const;
  Index whole_number() const;
  bool flag() const;
  const std::string& text() const;
  const Value::Array& array() const;
  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_->data); }

  /// Precondition: array() has that element.
  RecordingValue element(std::size_t i) const;
  /// None if an object lacks it.
  std::optional<RecordingValue> find(std::string_view key) const;
  RecordingValue member(std::string_view key) const;
  /// Refuses an object with any other key.
  void know(std::initializer_list<const char*> keys) const;

 private:
  RecordingValue(const Value& value, std::string pointer) : value_(&value), pointer_(std::move(pointer)) {}
  template <class T>
  const T& get(const char* expected) const;

  const Value* value_;
  std::string pointer_;
};

}  // namespace emotrain::config
