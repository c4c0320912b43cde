#include "config/values.hpp"

#include <fmt/format.h>

#include "emotrain/config/options_listing.hpp"
#include "emotrain/config/suggestion.hpp"

namespace emotrain::config {
namespace {

constexpr std::size_t longest_string = 4096;

template <class T>
void take_if_inside(const Spot& spot, T value, T& out) {
  if (spot.field.range.contains(static_cast<double>(value))) {
    out = value;
  } else {
    spot.refuse(fmt::format("must be {}, got {}", range_text(spot.field.range), value));
  }
}

/// Refuses, or returns the text.
const std::string* plain_text(const Spot& spot) {
  const auto* text = std::get_if<std::string>(&spot.value.data);
  if (text == nullptr) {
    spot.expect("a string in double quotes");
  } else if (text->empty()) {
    spot.refuse("is empty; write a text, or remove the key");
  } else if (text->find('\0') != std::string::npos) {
    spot.refuse(fmt::format("contains a NUL character: {}; remove it", quoted(*text)));
  } else if (text->size() > longest_string) {
    spot.refuse(fmt::format("is {} bytes long; at most {} are allowed", text->size(), longest_string));
  } else {
    return text;
  }
  return nullptr;
}

template <class Out>
void convert_elements(const Spot& spot, const Value::Array& array, Out& out) {
  constexpr std::size_t most_problems = 100;
  for (std::size_t i = 0; i < array.size() && spot.problems.size() < most_problems; ++i) {
    convert(Spot{spot.field, array[i], fmt::format("{}/{}", spot.pointer, i), spot.problems}, out[i]);
  }
}

template <class T>
void convert_list(const Spot& spot, const char* type, std::vector<T>& out) {
  const auto* array = std::get_if<Value::Array>(&spot.value.data);
  if (array == nullptr) return spot.expect(type);
  std::vector<T> values(array->size());
  convert_elements(spot, *array, values);
  out = std::move(values);
}

}  // namespace

void Spot::expect(const char* type) const {
  const bool is_null = std::holds_alternative<std::nullptr_t>(value.data);
  refuse(fmt::format("expected {}, got {}{}", type, described(value), is_null ? "; remove the key to get its default" : ""));
}

std::string described(const Value& value) {
  struct Describe {
    std::string operator()(std::nullptr_t) const { return "null"; }
    std::string operator()(bool x) const { return x ? "true" : "false"; }
    std::string operator()(const Number& x) const { return x.integer ? fmt::to_string(*x.integer) : fmt::to_string(x.value); }
    std::string operator()(const std::string& x) const { return "the string " + quoted(x); }
    std::string operator()(const Value::Array& x) const { return fmt::format("an array of {}", x.size()); }
    std::string operator()(const Value::Object&) const { return "an object"; }
  };
  return std::visit(Describe{}, value.data);
}

void convert(const Spot& spot, bool& out) {
  const auto* value = std::get_if<bool>(&spot.value.data);
  if (value == nullptr) return spot.expect("true or false");
  out = *value;
}

void convert(const Spot& spot, Index& out) {
  const auto* number = std::get_if<Number>(&spot.value.data);
  if (number == nullptr || !number->integer) return spot.expect("a whole number of at most 64 bits");
  take_if_inside(spot, *number->integer, out);
}

void convert(const Spot& spot, double& out) {
  const auto* number = std::get_if<Number>(&spot.value.data);
  if (number == nullptr) return spot.expect("a number");
  take_if_inside(spot, number->value, out);
}

void convert(const Spot& spot, std::string& out) {
  const auto* text = std::get_if<std::string>(&spot.value.data);
  if (text == nullptr) return spot.expect("a string in double quotes");
  if (!spot.field.one_of.empty()) {
    const std::vector<std::string> allowed(spot.field.one_of.begin(), spot.field.one_of.end());
    for (const std::string& choice : allowed) {
      if (*text == choice) {
        out = *text;
        return;
      }
    }
    const auto near = nearest_version(*text, allowed);
    return spot.refuse(
        fmt::format("must be one of {}, got {}{}", listed(allowed), quoted(*text), near ? "; did you mean " + quoted(*near) + "?" : ""));
  }
  if (const std::string* plain = plain_text(spot)) out = *plain;
}

void convert(const Spot& spot, std::array<double, 2>& out) {
  const auto* array = std::get_if<Value::Array>(&spot.value.data);
  if (array == nullptr || array->size() != out.size()) return spot.expect("an array of two numbers");
  convert_elements(spot, *array, out);
}

void convert(const Spot& spot, std::vector<Index>& out) { convert_list(spot, "an array of whole numbers", out); }
void convert(const Spot& spot, std::vector<double>& out) { convert_list(spot, "an array of numbers", out); }
void convert(const Spot& spot, std::vector<std::string>& out) { convert_list(spot, "an array of strings", out); }

}  // namespace emotrain::config
