#include "emotrain/config/overrides.hpp"

#include <fmt/format.h>

#include "emotrain/core/error.hpp"

namespace emotrain::config {
namespace {

/// A path on its way through the document.
struct Walk {
  const std::string& source;
  std::string pointer;
  Place place;

  [[noreturn]] void refuse(std::string text) const { throw Error(ErrorKind::usage, Problem{place, pointer, std::move(text)}.str()); }
};

Value parse_value(const Walk& walk, const std::string& text) {
  try {
    return parse_argument(text, walk.source, walk.pointer);
  } catch (const Error&) {
    if (!text.empty() && std::string_view("{[\"").find(text.front()) != std::string_view::npos) throw;
    if (!is_utf8(text)) walk.refuse(fmt::format("{} is not UTF-8; write it in UTF-8", quoted(text)));
    return {walk.place, text};
  }
}

/// The member or element that `step` names, created if it is a member that is not there.
Value& descend(Value& value, const std::string& step, Walk& walk) {
  walk.pointer = member_pointer(walk.pointer, step);
  if (const Value* there = value.step(step)) return const_cast<Value&>(*there);
  if (auto* object = std::get_if<Value::Object>(&value.data)) {
    return object->emplace_back(Member{step, walk.place, Value{walk.place, Value::Object{}}}).value;
  }
  const auto* array = std::get_if<Value::Array>(&value.data);
  if (array == nullptr) walk.refuse("what holds it is neither an object nor an array; remove the argument or replace the whole section");
  walk.refuse(fmt::format("an array of {} elements, counted from 0; give the whole array as JSON", array->size()));
}

}  // namespace

void apply_override(Value& document, const std::string& argument, int number) {
  const std::string source = fmt::format("argument {}", number);
  Walk walk{source, {}, Place{std::make_shared<const std::string>(source)}};
  const auto equals = argument.find('=');
  const std::string path = argument.substr(0, equals);
  const bool has_gap = path.empty() || path.starts_with('.') || path.ends_with('.') || path.find("..") != std::string::npos;
  if (equals == std::string::npos || has_gap) {
    walk.refuse(fmt::format("{} is not of the form section.key=value", quoted(argument)));
  }
  Value* target = &document;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    target = &descend(*target, path.substr(begin, end - begin), walk);
    begin = end + 1;
  }
  *target = parse_value(walk, argument.substr(equals + 1));
}

}  // namespace emotrain::config
