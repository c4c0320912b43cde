#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "emotrain/config/document.hpp"

namespace emotrain::config {

void require_none(std::vector<Problem> problems) {
  if (problems.empty()) return;
  std::ranges::stable_sort(
      problems, {}, [](const Problem& problem) { return std::tuple(problem.place.line == 0, problem.place.line, problem.place.column); });
  throw ConfigError(ErrorKind::usage, std::move(problems));
}

std::string json_text(const Value& value) {
  struct Text {
    std::string operator()(std::nullptr_t) const { return "null"; }
    std::string operator()(bool x) const { return x ? "true" : "false"; }
    std::string operator()(const Number& x) const { return x.integer ? fmt::to_string(*x.integer) : fmt::to_string(x.value); }
    std::string operator()(const std::string& x) const { return string_literal(x); }
    std::string operator()(const Value::Array& x) const {
      std::string text;
      for (const Value& element : x) text += (text.empty() ? "" : ", ") + json_text(element);
      return "[" + text + "]";
    }
    std::string operator()(const Value::Object& x) const {
      std::string text;
      for (const Member& member : x) text += (text.empty() ? "" : ", ") + string_literal(member.key) + ": " + json_text(member.value);
      return "{" + text + "}";
    }
  };
  return std::visit(Text{}, value.data);
}

}  // namespace emotrain::config
