#include "emotrain/config/change.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "config/assignment.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/config/overrides.hpp"

namespace emotrain::config {
namespace {

/// Takes out of a document what can be left out without changing what it says.
class Reduction {
 public:
  Reduction(Value& document, const std::string& resolved) : document_(document), resolved_(resolved) {}

  void reduce(Value& group) {
    auto* members = std::get_if<Value::Object>(&group.data);
    if (members == nullptr) return;
    for (std::size_t i = 0; i < members->size();) {
      const auto at = members->begin() + static_cast<std::ptrdiff_t>(i);
      Member member = std::move(*at);
      members->erase(at);
      if (says_the_same()) continue;
      members->insert(members->begin() + static_cast<std::ptrdiff_t>(i), std::move(member));
      reduce((*members)[i].value);
      ++i;
    }
  }

 private:
  bool says_the_same() const {
    train::RunConfig config;
    return read_options(document_, config).empty() && write_options(config) == resolved_;
  }

  Value& document_;
  const std::string& resolved_;
};

/// `key*=factor` as `key=value`; other arguments as they are.
std::string without_factor(const Value& document, const std::string& argument, int number, std::vector<Problem>& problems) {
  const auto equals = argument.find('=');
  if (equals == std::string::npos || equals == 0 || argument[equals - 1] != '*') return argument;
  const std::string key = argument.substr(0, equals - 1);
  const std::string source = fmt::format("argument {}", number);
  std::string pointer;
  const Value* value = &document;
  for (const std::string& step : split_path(key, ".")) {
    pointer = member_pointer(pointer, step);
    if (value != nullptr) value = value->step(step);
  }
  const auto* before = value == nullptr ? nullptr : std::get_if<Number>(&value->data);
  const Value factor = parse_argument(argument.substr(equals + 1), source, pointer);
  const auto* times = std::get_if<Number>(&factor.data);
  if (before != nullptr && times != nullptr) return fmt::format("{}={}", key, before->value * times->value);
  problems.push_back({Place{std::make_shared<const std::string>(source)}, pointer,
                      before == nullptr ? fmt::format("has no number to multiply; give {}=VALUE", key)
                                        : fmt::format("{} is no factor; give a number", quoted(argument.substr(equals + 1)))});
  return {};
}

}  // namespace

LoadedConfig change_config(const std::string& file, std::span<const std::string> changes) {
  LoadedConfig base = load_run_config(file);
  if (changes.empty()) return base;
  const std::string resolved = write_options(base.config);
  Value document = parse_document(resolved, file);
  // With the changes so far, and every default: what a factor multiplies.
  Value current = document;
  std::vector<Problem> problems;
  std::vector<std::string> plain;
  std::set<std::string> reduced;
  int number = 0;
  for (const std::string& change : changes) {
    plain.push_back(without_factor(current, change, ++number, problems));
    if (plain.back().empty()) continue;
    std::vector<Problem> told_later;
    apply_override(current, plain.back(), number, told_later);
    const std::string section = split_path(change.substr(0, change.find('=')), ".").front();
    Member* member = document.find(section);
    if (member != nullptr && reduced.insert(section).second) Reduction(document, resolved).reduce(member->value);
  }
  require_none(std::move(problems));
  number = 0;
  for (const std::string& change : plain) apply_override(document, change, ++number, problems);
  train::RunConfig config;
  for (Problem& problem : read_options(document, config)) problems.push_back(std::move(problem));
  require_none(std::move(problems));
  return {std::move(config), std::move(document), {}, std::move(base.text)};
}

}  // namespace emotrain::config
