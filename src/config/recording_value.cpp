#include "config/recording_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "config/values.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::config {

void RecordingValue::refuse(std::string text) const {
  throw Error(ErrorKind::data, Problem{value_->place, pointer_, std::move(text)}.str());
}

void RecordingValue::expect(const char* what) const { refuse(fmt::format("expected {}, got {}", what, described(*value_))); }

template <class T>
const T& RecordingValue::get(const char* expected) const {
  const auto* inner = std::get_if<T>(&value_->data);
  if (inner == nullptr) expect(expected);
  return *inner;
}

double RecordingValue::number() const { return get<Number>("a number").value; }

Index RecordingValue::whole_number() const {
  const Number& number = get<Number>("a whole number");
  if (!number.integer) refuse(fmt::format("expected a whole number, got {}", number.value));
  return *number.integer;
}

bool RecordingValue::flag() const { return get<bool>("true or false"); }
const std::string& RecordingValue::text() const { return get<std::string>("a string"); }
const Value::Array& RecordingValue::array() const { return get<Value::Array>("an array"); }

RecordingValue RecordingValue::element(std::size_t i) const { return {array()[i], fmt::format("{}/{}", pointer_, i)}; }

std::optional<RecordingValue> RecordingValue::find(std::string_view key) const {
  get<Value::Object>("an object");
  const Member* member = value_->find(key);
  if (member == nullptr) return std::nullopt;
  return RecordingValue(member->value, member_pointer(pointer_, key));
}

RecordingValue RecordingValue::member(std::string_view key) const {
  auto found = find(key);
  if (!found) refuse(fmt::format("the key {} is missing", quoted(key)));
  return *std::move(found);
}

void RecordingValue::know(std::initializer_list<const char*> keys) const {
  const std::vector<std::string> known(keys.begin(), keys.end());
  for (const Member& member : get<Value::Object>("an object")) {
    if (std::ranges::find(known, member.key) != known.end()) continue;
    const auto near = nearest(member.key, known);
    const std::string remedy = near ? fmt::format("did you mean {}?", quoted(*near)) : "known here: " + listed(known);
    const Problem problem{member.place, member_pointer(pointer_, member.key), "unknown key; " + remedy};
    throw Error(ErrorKind::data, problem.str());
  }
}

}  // namespace emotrain::config
