#include "config/assignment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace emotrain::config {
namespace {

/// A path on its way through the document.
struct Walk {
  Place place;
  std::vector<Problem>& problems;
  std::string pointer = {};

  void refuse(std::string text) { problems.push_back({place, pointer, std::move(text)}); }
};

std::optional<Value> parse_value(Walk& walk, const std::string& text) {
  try {
    return parse_argument(text, *walk.place.source, walk.pointer);
  } catch (const ConfigError& error) {
    if (!text.empty() && std::string_view("{[\"").find(text.front()) != std::string_view::npos) {
      walk.problems.insert(walk.problems.end(), error.problems().begin(), error.problems().end());
      return {};
    }
    if (is_utf8(text)) return Value{walk.place, text};
    walk.refuse(fmt::format("{} is not UTF-8; write it in UTF-8", quoted(text)));
    return {};
  }
}

/// The member or element that `step` names, created if it is a member that is not there; null after refusing.
Value* descend(Value& value, const std::string& step, Walk& walk) {
  walk.pointer = member_pointer(walk.pointer, step);
  if (const Value* there = value.step(step)) return const_cast<Value*>(there);
  if (auto* object = std::get_if<Value::Object>(&value.data)) {
    return &object->emplace_back(Member{step, walk.place, Value{walk.place, Value::Object{}}}).value;
  }
  if (const auto* array = std::get_if<Value::Array>(&value.data)) {
    walk.refuse(fmt::format("an array of {} elements, counted from 0; give the whole array as JSON", array->size()));
  } else {
    walk.refuse("what holds it is neither an object nor an array; remove it, or replace the whole section");
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> split_path(std::string_view path, std::string_view separator) {
  std::vector<std::string> steps;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(separator, begin), path.size());
    steps.emplace_back(path.substr(begin, end - begin));
    begin = end + separator.size();
  }
  return steps;
}

void assign(Value& document, const Assignment& assignment, std::vector<Problem>& problems) {
  Walk walk{Place{std::make_shared<const std::string>(assignment.source)}, problems};
  for (const std::string& step : assignment.path) walk.pointer = member_pointer(walk.pointer, step);
  std::optional<Value> value = parse_value(walk, assignment.value);
  if (!value) return;
  walk.pointer.clear();
  Value* target = &document;
  for (const std::string& step : assignment.path) {
    target = descend(*target, step, walk);
    if (target == nullptr) return;
  }
  *target = *std::move(value);
}

}  // namespace emotrain::config
