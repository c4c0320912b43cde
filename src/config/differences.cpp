#include "emotrain/config/differences.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/values.hpp"
#include "emotrain/config/document.hpp"

namespace emotrain::config {
namespace {

struct Comparison {
  std::span<const std::string_view> except;
  std::vector<std::string> found;

  void members(const std::string& pointer, const Value::Object& before, const Value& now) {
    for (const Member& member : before) {
      const std::string at = member_pointer(pointer, member.key);
      if (std::ranges::find(except, at) != except.end()) continue;
      if (const Member* other = now.find(member.key)) {
        values(at, member.value, other->value);
      } else {
        found.push_back(fmt::format("{}: {}, now there is none", at, described(member.value)));
      }
    }
  }

  void values(const std::string& pointer, const Value& before, const Value& now) {
    const auto* object = std::get_if<Value::Object>(&before.data);
    if (object != nullptr && std::holds_alternative<Value::Object>(now.data)) {
      members(pointer, *object, now);
      for (const Member& member : std::get<Value::Object>(now.data)) {
        const std::string at = member_pointer(pointer, member.key);
        if (before.find(member.key) != nullptr || std::ranges::find(except, at) != except.end()) continue;
        found.push_back(fmt::format("{}: there was none, now {}", at, described(member.value)));
      }
      return;
    }
    const auto* array = std::get_if<Value::Array>(&before.data);
    const auto* others = std::get_if<Value::Array>(&now.data);
    if (array != nullptr && others != nullptr && array->size() == others->size()) {
      for (std::size_t i = 0; i < array->size(); ++i) values(fmt::format("{}/{}", pointer, i), (*array)[i], (*others)[i]);
      return;
    }
    const auto* number = std::get_if<Number>(&before.data);
    const auto* other = std::get_if<Number>(&now.data);
    const bool equal = number != nullptr && other != nullptr ? number->value == other->value : described(before) == described(now);
    if (!equal) found.push_back(fmt::format("{}: {}, now {}", pointer, described(before), described(now)));
  }
};

}  // namespace

std::vector<std::string> differences(std::string_view before, std::string_view now, std::span<const std::string_view> except) {
  Comparison comparison{except, {}};
  comparison.values("", parse_document(before, "the run's config.json"), parse_document(now, "the configuration"));
  return std::move(comparison.found);
}

}  // namespace emotrain::config
