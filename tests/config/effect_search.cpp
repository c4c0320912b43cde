#include "config/effect_search.hpp"

#include <algorithm>

namespace emotrain::config {
namespace {

std::vector<Json> numbers_for(const ListedOption& option) {
  std::vector<Json> out;
  if (option.kind == ValueKind::integer) {
    for (const Index value : {1, 2, 3, 4, 5, 7, 0, 16, 100}) out.emplace_back(value);
  } else {
    for (const double value : {0.5, 0.25, 0.9, 0.1, 2.0, 1.0, 0.0, 0.01, 10.0, 1e-3, -0.5}) out.emplace_back(value);
  }
  return out;
}

/// Values that the option may take; what is refused does no harm.
std::vector<Json> values_for(const ListedOption& option, const Search& search) {
  if (const auto given = search.values.find(option.key); given != search.values.end()) return given->second;
  std::vector<Json> out;
  switch (option.kind) {
    case ValueKind::flag:
      out = {true, false};
      break;
    case ValueKind::integer:
    case ValueKind::number:
      out = numbers_for(option);
      break;
    case ValueKind::text:
      for (const std::string& choice : option.one_of) out.emplace_back(choice);
      break;
    case ValueKind::group:
      out.push_back(Json::object());
      break;
    case ValueKind::row:
      for (const ListedRow& row : option.rows) out.push_back({{option.tag, row.name}});
  }
  if (option.list) {
    std::vector<Json> lists;
    for (const Json& a : out) lists.push_back(Json::array({a}));
    for (const Json& a : out) lists.push_back(Json::array({a, out.front()}));
    for (const Json& a : out) lists.push_back(Json::array({out.front(), a}));
    out = std::move(lists);
  }
  if (option.nullable) out.emplace_back(nullptr);
  return out;
}

class Searcher {
 public:
  explicit Searcher(const Search& search) : search_(search) {
    for (const Json& context : search.contexts) {
      if (std::optional<std::string> seen = search.seen(context)) bases_.push_back({context, *std::move(seen)});
    }
  }

  void walk(const std::vector<ListedOption>& options, const std::string& pointer) {
    for (const ListedOption& option : options) {
      if (option.without_effect) continue;
      const std::string its_pointer = pointer + "/" + option.key;
      if (!has_one_value(option) && !has_effect(option, its_pointer)) silent.push_back(its_pointer.substr(1));
      walk(option.members, option.list ? its_pointer + "/0" : its_pointer);
    }
  }

  std::vector<std::string> silent;

 private:
  struct Base {
    Json object;
    std::string seen;
  };

  /// A group has an effect by its members.
  static bool has_one_value(const ListedOption& option) {
    if (option.list || option.nullable) return false;
    return option.one_of.size() == 1 || option.range.min == option.range.max || option.kind == ValueKind::group;
  }

  bool has_effect(const ListedOption& option, const std::string& pointer) const {
    const Json::json_pointer at(pointer);
    const std::vector<Json> values = values_for(option, search_);
    return std::ranges::any_of(bases_, [&](const Base& base) {
      return std::ranges::any_of(values, [&](const Json& value) {
        Json object = base.object;
        object[at] = value;
        const std::optional<std::string> seen = search_.seen(object);
        return seen && *seen != base.seen;
      });
    });
  }

  const Search& search_;
  std::vector<Base> bases_;
};

}  // namespace

std::vector<std::string> without_effect(const std::vector<ListedOption>& options, const Search& search) {
  Searcher searcher(search);
  searcher.walk(options, {});
  return std::move(searcher.silent);
}

}  // namespace emotrain::config
