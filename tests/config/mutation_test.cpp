#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include "config/config_file.hpp"
#include "emotrain/config/options_listing.hpp"
#include "emotrain/config/options_reader.hpp"

/// Configurations with one thing wrong, drawn by a fixed seed from those that are shipped.
using namespace emotrain;
using namespace emotrain::config;

namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t n) { return random() % n; }

/// JSON with a member or element to a line.
std::string text_of(const Value& value) {
  struct Text {
    std::string operator()(std::nullptr_t) const { return "null"; }
    std::string operator()(bool x) const { return x ? "true" : "false"; }
    std::string operator()(const Number& x) const { return x.integer ? fmt::to_string(*x.integer) : fmt::to_string(x.value); }
    std::string operator()(const std::string& x) const { return string_literal(x); }
    std::string operator()(const Value::Array& x) const {
      std::string text;
      for (const Value& element : x) text += (text.empty() ? "" : ",\n") + text_of(element);
      return "[" + text + "]";
    }
    std::string operator()(const Value::Object& x) const {
      std::string text;
      for (const Member& member : x) text += (text.empty() ? "" : ",\n") + string_literal(member.key) + ": " + text_of(member.value);
      return "{" + text + "}";
    }
  };
  return std::visit(Text{}, value.data);
}

/// A member of some object, the object, its options, and its pointer.
struct Spot {
  Value::Object* object;
  std::size_t index;
  std::string pointer;
  /// Null for the tag of a row.
  const ListedOption* option;
  /// The keys that are accepted there.
  std::vector<std::string> keys;
};

void collect(Value& value, const std::vector<ListedOption>& options, const std::string& tag, const std::string& pointer,
             std::vector<Spot>& spots);

void collect_inside(Value& value, const ListedOption& option, const std::string& pointer, std::vector<Spot>& spots) {
  if (auto* array = std::get_if<Value::Array>(&value.data); array != nullptr && option.list) {
    for (std::size_t i = 0; i < array->size(); ++i) collect_inside((*array)[i], option, fmt::format("{}/{}", pointer, i), spots);
    return;
  }
  if (!option.members.empty()) collect(value, option.members, {}, pointer, spots);
  const Member* tag = option.rows.empty() ? nullptr : value.find(option.tag);
  if (tag == nullptr) return;
  for (const ListedRow& row : option.rows) {
    if (row.name == std::get<std::string>(tag->value.data)) collect(value, row.options, option.tag, pointer, spots);
  }
}

void collect(Value& value, const std::vector<ListedOption>& options, const std::string& tag, const std::string& pointer,
             std::vector<Spot>& spots) {
  auto* object = std::get_if<Value::Object>(&value.data);
  if (object == nullptr) return;
  std::vector<std::string> keys;
  if (!tag.empty()) keys.push_back(tag);
  for (const ListedOption& option : options) keys.push_back(option.key);
  for (std::size_t i = 0; i < object->size(); ++i) {
    Member& member = (*object)[i];
    const auto option = std::ranges::find(options, member.key, &ListedOption::key);
    const ListedOption* known = option == options.end() ? nullptr : &*option;
    spots.push_back({object, i, member_pointer(pointer, member.key), known, keys});
    if (known != nullptr) collect_inside(member.value, *known, member_pointer(pointer, member.key), spots);
  }
}

/// A letter more, less, or another, or two swapped.
std::string slip(const std::string& word, Random& random) {
  std::string text = word;
  const std::size_t at = below(random, word.size());
  const char letter = "abcdefghijklmnopqrstuvwxyz_"[below(random, 27)];
  switch (below(random, 4)) {
    case 0:
      text.insert(at, 1, letter);
      break;
    case 1:
      text.erase(at, 1);
      break;
    case 2:
      text[at] = letter;
      break;
    default:
      if (at > 0) std::swap(text[at], text[at - 1]);
  }
  return text;
}

/// One that is no other key either.
std::string slip_of(const std::string& key, const std::vector<std::string>& keys, Random& random) {
  for (;;) {
    std::string text = slip(key, random);
    if (!text.empty() && std::ranges::find(keys, text) == keys.end()) return text;
  }
}

std::string pointer_above(const std::string& pointer) { return pointer.substr(0, pointer.rfind('/')); }

bool is_null(const Value& value) { return std::holds_alternative<std::nullptr_t>(value.data); }

/// A value that the option does not take; null if there is none.
Value wrong_value(const Spot& spot, Random& random) {
  const Value& value = (*spot.object)[spot.index].value;
  const Value no_choice{{}, std::string("no such choice")};
  if (spot.option == nullptr) return no_choice;
  const ListedOption& option = *spot.option;
  const Range any;
  switch (below(random, 3)) {
    case 0:
      if (std::holds_alternative<std::string>(value.data)) return {{}, Number{7, 7}};
      return {{}, std::string("seven")};
    case 1:
      if (option.list || std::holds_alternative<std::string>(value.data)) break;
      if (option.range.min != any.min) return {{}, Number{option.range.min - 1, static_cast<Index>(option.range.min) - 1}};
      if (option.range.above == 0) return {{}, Number{0, 0}};
      break;
    default:
      if (!option.one_of.empty()) return no_choice;
  }
  return {{}, nullptr};
}

/// Breaks something, and returns the pointer of the problem and what its text must contain; empty if nothing was broken.
std::pair<std::string, std::string> break_one(std::vector<Spot>& spots, Random& random) {
  const Spot& spot = spots[below(random, spots.size())];
  Member& member = (*spot.object)[spot.index];
  switch (below(random, 4)) {
    case 0: {
      const std::string key = member.key;
      member.key = slip_of(key, spot.keys, random);
      return {member_pointer(pointer_above(spot.pointer), member.key), fmt::format("did you mean \"{}\"?", key)};
    }
    case 1:
      spot.object->push_back(member);
      return {spot.pointer, "the key is given twice"};
    case 2:
      spot.object->push_back({"qqqqqqqq", {}, {{}, true}});
      return {pointer_above(spot.pointer) + "/qqqqqqqq", "unknown key"};
    default: {
      Value wrong = wrong_value(spot, random);
      if (is_null(wrong)) return {};
      member.value = std::move(wrong);
      return {spot.pointer, ""};
    }
  }
}

/// `3:14: /pointer: ...`
bool has_place(const std::string& error, const std::string& pointer) {
  const auto line = error.find(':');
  const auto column = error.find(':', line + 1);
  if (line == std::string::npos || column == std::string::npos) return false;
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return is_number(error.substr(0, line)) && is_number(error.substr(line + 1, column - line - 1)) &&
         error.substr(column + 1).starts_with(" " + pointer + ": ");
}

}  // namespace

TEST_CASE("200 configurations with something wrong are refused at its place") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(shipped_configs())) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  const std::vector<ListedOption> options = list_options(train::RunConfig());
  Random random(7);
  std::set<std::string> kinds;
  for (int count = 0; count < 200;) {
    Value document = read_document(files[below(random, files.size())].string());
    std::vector<Spot> spots;
    collect(document, options, {}, {}, spots);
    const auto [pointer, words] = break_one(spots, random);
    if (pointer.empty()) continue;
    ++count;
    const std::string text = text_of(document);
    CAPTURE(text);
    CAPTURE(pointer);
    const std::vector<std::string> errors = ConfigFile(text).errors();
    REQUIRE_FALSE(errors.empty());
    const auto found = std::ranges::find_if(errors, [&](const std::string& error) { return has_place(error, pointer); });
    REQUIRE_MESSAGE(found != errors.end(), errors.front());
    if (!words.starts_with("did you mean")) CHECK_MESSAGE(found->find(words) != std::string::npos, *found);
    // What one slip leads to is told once.
    if (words.starts_with("did you mean")) CHECK(errors.size() == 1);
    kinds.insert(words.substr(0, 12));
  }
  CHECK(kinds.size() == 4);
}

TEST_CASE("19 of 20 slips of one letter in any key are understood") {
  Random random(11);
  int all = 0;
  int right = 0;
  std::string missed;
  const auto try_keys = [&](const OptionsTable& table, const std::string& row, const std::vector<ListedOption>& options,
                            const std::string& group) {
    std::vector<std::string> keys;
    if (group.empty()) keys.emplace_back(table.tag);
    for (const ListedOption& option : options) keys.push_back(option.key);
    for (const std::string& key : keys) {
      const std::string typo = slip_of(key, keys, random);
      if (key == table.tag) continue;
      Value object{{}, Value::Object{{typo, {}, {{}, true}}}};
      if (!group.empty()) object = Value{{}, Value::Object{{group, {}, std::move(object)}}};
      std::get<Value::Object>(object.data).push_back({table.tag, {}, {{}, row}});
      std::vector<Problem> problems;
      read_choice(object, "/section", table, problems);
      const std::string pointer = member_pointer(group.empty() ? "/section" : "/section/" + group, typo);
      const auto problem = std::ranges::find(problems, pointer, &Problem::pointer);
      REQUIRE(problem != problems.end());
      ++all;
      if (problem->text.find(fmt::format("did you mean \"{}\"?", key)) != std::string::npos) {
        ++right;
      } else {
        missed += fmt::format("\n{} {}: {} for {}: {}", row, group, typo, key, problem->text);
      }
    }
  };
  const std::vector<ListedOption> sections = list_options(train::RunConfig());
  for (int repetition = 0; repetition < 3; ++repetition) {
    for (const ListedOption& section : sections) {
      for (const ListedRow& row : section.rows) {
        try_keys(*section.table, row.name, row.options, {});
        for (const ListedOption& option : row.options) {
          if (!option.members.empty() && !option.list) try_keys(*section.table, row.name, option.members, option.key);
          for (const ListedRow& inner : option.rows) try_keys(*option.table, inner.name, inner.options, {});
        }
      }
    }
  }
  CHECK(all > 2000);
  CHECK_MESSAGE(right * 20 >= all * 19, missed);
}

TEST_CASE("slips in the names of sections and of what the trainer is told are understood") {
  Random random(13);
  int all = 0;
  int right = 0;
  const std::vector<ListedOption> sections = list_options(train::RunConfig());
  const auto try_keys = [&](const std::vector<ListedOption>& options, const std::string& group) {
    std::vector<std::string> keys;
    for (const ListedOption& option : options) keys.push_back(option.key);
    for (const std::string& key : keys) {
      const std::string typo = slip_of(key, keys, random);
      Value object{{}, Value::Object{{typo, {}, {{}, true}}}};
      if (!group.empty()) object = Value{{}, Value::Object{{group, {}, std::move(object)}}};
      train::RunConfig config;
      const std::vector<Problem> problems = read_options(object, config);
      REQUIRE(problems.size() == 1);
      ++all;
      right += problems[0].text.find(fmt::format("did you mean \"{}\"?", key)) != std::string::npos ? 1 : 0;
    }
  };
  for (int repetition = 0; repetition < 20; ++repetition) {
    try_keys(sections, {});
    for (const ListedOption& section : sections) {
      if (!section.members.empty()) try_keys(section.members, section.key);
    }
  }
  CHECK(right * 20 >= all * 19);
}
