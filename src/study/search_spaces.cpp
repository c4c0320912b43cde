#include "study/search_spaces.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emotrain/config/suggestion.hpp"

namespace emotrain::study {
namespace {

using config::Member;
using config::Problem;
using config::Value;
using Kind = SearchSpace::Kind;

const std::vector<std::string> kinds{"log_uniform", "uniform", "choice"};

struct Search {
  std::vector<SearchSpace>& spaces;
  std::vector<Problem>& problems;
};

void refuse(const Search& search, const Value& value, const std::string& pointer, std::string text) {
  search.problems.push_back({value.place, pointer, std::move(text)});
}

void add_choice(const Search& search, const Value& value, const std::string& pointer, SearchSpace space) {
  const auto* choices = std::get_if<Value::Array>(&value.data);
  if (choices == nullptr || choices->empty()) return refuse(search, value, pointer, "expected the values to choose from: [0, 0.01, 0.1]");
  space.choices = *choices;
  search.spaces.push_back(std::move(space));
}

void add_range(const Search& search, const Value& value, const std::string& pointer, SearchSpace space) {
  const auto* ends = std::get_if<Value::Array>(&value.data);
  const auto number = [&](std::size_t i) { return std::get_if<config::Number>(&(*ends)[i].data); };
  if (ends == nullptr || ends->size() != 2 || number(0) == nullptr || number(1) == nullptr) {
    return refuse(search, value, pointer, "expected the two ends of a range: [1e-4, 1e-1]");
  }
  space.low = number(0)->value;
  space.high = number(1)->value;
  if (space.low >= space.high) {
    return refuse(search, value, pointer,
                  fmt::format("the range from {} to {} is empty; the second end must be the greater one", space.low, space.high));
  }
  if (space.kind == Kind::log_uniform && space.low <= 0) {
    return refuse(search, value, pointer,
                  fmt::format("begins at {}, and logarithms need more than 0; raise it, or use uniform", space.low));
  }
  search.spaces.push_back(std::move(space));
}

/// Whether the value is a search space, or is meant to be one.
bool add_space(const Search& search, const Value& value, const std::string& pointer, const std::vector<std::string>& path) {
  const auto* object = std::get_if<Value::Object>(&value.data);
  if (object == nullptr || path.empty()) return false;
  const bool is_meant =
      std::ranges::any_of(*object, [](const Member& member) { return std::ranges::find(kinds, member.key) != kinds.end(); });
  if (is_meant && object->size() > 1) {
    refuse(search, value, pointer, "a search space is one of log_uniform, uniform and choice; remove the others");
    return true;
  }
  if (is_meant && path == std::vector<std::string>{"name"}) {
    refuse(search, value, pointer, "the name is not searched for; write an optimizer for each");
    return true;
  }
  if (object->size() != 1) return false;
  const Member& member = object->front();
  const auto kind = std::ranges::find(kinds, member.key);
  if (kind == kinds.end()) {
    const auto near = config::nearest(member.key, kinds);
    if (!near || !std::holds_alternative<Value::Array>(member.value.data)) return false;
    search.problems.push_back({member.place, config::member_pointer(pointer, member.key),
                               fmt::format("there is no search space \"{}\"; did you mean \"{}\"?", member.key, *near)});
    return true;
  }
  SearchSpace space{.kind = *kind == "choice"    ? Kind::choice
                            : *kind == "uniform" ? Kind::uniform
                                                 : Kind::log_uniform,
                    .path = path,
                    .choices = {}};
  const std::string inner = config::member_pointer(pointer, member.key);
  if (space.kind == Kind::choice) {
    add_choice(search, member.value, inner, std::move(space));
  } else {
    add_range(search, member.value, inner, std::move(space));
  }
  return true;
}

void walk(const Search& search, const Value& value, const std::string& pointer, std::vector<std::string>& path) {
  if (add_space(search, value, pointer, path)) return;
  const auto* object = std::get_if<Value::Object>(&value.data);
  if (const auto* array = std::get_if<Value::Array>(&value.data)) {
    for (const Value& element : *array) {
      if (const auto* inner = std::get_if<Value::Object>(&element.data);
          inner != nullptr && inner->size() == 1 && std::ranges::find(kinds, inner->front().key) != kinds.end()) {
        refuse(search, element, pointer, "a list is searched as a whole: {\"choice\": [[0.9, 0.99], [0.9, 0.999]]}");
      }
    }
  }
  if (object == nullptr) return;
  for (const Member& member : *object) {
    path.push_back(member.key);
    walk(search, member.value, config::member_pointer(pointer, member.key), path);
    path.pop_back();
  }
}

}  // namespace

std::vector<SearchSpace> find_spaces(const Value& optimizer, const std::string& pointer, std::vector<Problem>& problems) {
  std::vector<SearchSpace> spaces;
  std::vector<std::string> path;
  walk({spaces, problems}, optimizer, pointer, path);
  return spaces;
}

std::vector<std::vector<double>> probes(const std::vector<SearchSpace>& spaces) {
  // One more than the ends, so that the largest number of choices is gone through too.
  std::size_t most = 3;
  for (const SearchSpace& space : spaces) most = std::max(most, space.choices.size());
  std::vector<std::vector<double>> points;
  for (std::size_t i = 0; i < most; ++i) {
    std::vector<double>& point = points.emplace_back();
    for (const SearchSpace& space : spaces) {
      const std::size_t parts = space.kind == Kind::choice ? space.choices.size() : 3;
      const auto part = static_cast<double>(i % parts);
      point.push_back(space.kind == Kind::choice ? (part + 0.5) / static_cast<double>(parts) : part / 2);
    }
  }
  return points;
}

}  // namespace emotrain::study
