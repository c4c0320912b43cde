#include "emotrain/config/options_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/field_keys.hpp"
#include "config/synonyms.hpp"
#include "config/values.hpp"
#include "emotrain/config/options_listing.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::config {
namespace {

/// What all groups of one reading share.
struct Reading {
  static constexpr std::size_t most_problems = 100;
  std::vector<Problem> problems;
  bool is_full() const { return problems.size() >= most_problems; }
  /// Unknown keys whose messages wait until all keys are known.
  struct UnknownKey {
    std::size_t problem;
    std::string key;
    /// What it may be a slip of, and what is said then.
    std::optional<Suggestion> near;
    std::string text;
  };
  std::vector<UnknownKey> unknown_keys;
};

/// An object of a document with the options that it fills.
struct Group {
  const Value& value;
  std::string pointer;
  Options& options;
  /// The table that the options are a row of, and the row's name; or null.
  const OptionsTable* table = nullptr;
  std::string row = {};
};

/// The path of a key in a group, as in an argument.
std::string dotted(const Group& group, const std::string& key) {
  std::string path = group.pointer.empty() ? key : group.pointer.substr(1) + "." + key;
  std::ranges::replace(path, '/', '.');
  return path;
}

void read_group(Reading& reading, const Group& group);

std::vector<std::string> row_names(const OptionsTable& table) {
  std::vector<std::string> names;
  for (const OptionsEntry& entry : table.entries) names.emplace_back(entry.name);
  return names;
}

std::string meant(const std::optional<std::string>& near) {
  return near ? fmt::format("; did you mean {}?", quoted(*near)) : std::string();
}

std::vector<std::string> all_names(const OptionsTable& table) {
  std::vector<std::string> names = row_names(table);
  for (const OptionsEntry& entry : table.entries) {
    for (const OptionsAlias& alias : entry.aliases) names.emplace_back(alias.name);
  }
  return names;
}

/// Builds the row of the table that an object names; without options after refusing.
Choice read_choice(Reading& reading, const Spot& spot, const OptionsTable& table) {
  const std::vector<std::string> names = row_names(table);
  if (!std::holds_alternative<Value::Object>(spot.value.data)) {
    spot.refuse(
        fmt::format("expected an object such as {{{}: {}}}, got {}", quoted(table.tag), quoted(names.front()), described(spot.value)));
    return {};
  }
  const Member* tag = spot.value.find(table.tag);
  if (tag == nullptr) {
    const std::vector<std::string> only{table.tag};
    for (const Member& member : std::get<Value::Object>(spot.value.data)) {
      if (!nearest(member.key, only)) continue;
      spot.problems.push_back({member.place, member_pointer(spot.pointer, member.key), "unknown key" + meant(table.tag)});
      return {};
    }
    spot.refuse(fmt::format("the key {} is missing; give one of {}", quoted(table.tag), listed(names)));
    return {};
  }
  const Spot named{spot.field, tag->value, member_pointer(spot.pointer, table.tag), spot.problems};
  const auto* text = std::get_if<std::string>(&tag->value.data);
  Choice choice = text == nullptr ? Choice{} : table.choose(*text);
  if (choice.options == nullptr) {
    if (text == nullptr)
      named.expect("a string in double quotes");
    else
      named.refuse(fmt::format("there is no {} {}{}; there are {}", table.kind, quoted(*text), meant(nearest(*text, all_names(table))),
                               listed(names)));
    return {};
  }
  read_group(reading, {spot.value, spot.pointer, *choice.options, &table, choice.name});
  return choice;
}

class Reader final : public FieldVisitor {
 public:
  /// `slips`: the keys that unknown ones were probably meant to be.
  Reader(Reading& reading, const Group& group, std::vector<std::string> slips)
      : reading_(reading), group_(group), slips_(std::move(slips)) {}

  void field(const Field& field, bool& value) override { read(field, value); }
  void field(const Field& field, Index& value) override { read(field, value); }
  void field(const Field& field, double& value) override { read(field, value); }
  void field(const Field& field, std::array<double, 2>& value) override { read(field, value); }
  void field(const Field& field, std::vector<Index>& value) override { read(field, value); }
  void field(const Field& field, std::vector<double>& value) override { read(field, value); }
  void field(const Field& field, std::vector<std::string>& value) override { read(field, value); }
  void field(const Field& field, std::optional<Index>& value) override { read(field, value); }
  void field(const Field& field, std::optional<double>& value) override { read(field, value); }
  void field(const Field& field, std::optional<std::string>& value) override { read(field, value); }

  void field(const Field& field, std::string& value) override {
    if (value.empty() && group_.value.find(field.key) == nullptr) return missing(field, "a string");
    read(field, value);
  }

  void field(const Field& field, Options& value) override {
    const Member* member = group_.value.find(field.key);
    const Value nothing{group_.value.place, Value::Object{}};
    read_group(reading_, {member == nullptr ? nothing : member->value, pointer_to(field), value});
  }

  void field(const Field& field, OptionalOptions& value) override {
    const Member* member = group_.value.find(field.key);
    const bool is_null = member != nullptr && std::holds_alternative<std::nullptr_t>(member->value.data);
    if (is_null) return value.reset();
    if (member != nullptr) return read_group(reading_, {member->value, pointer_to(field), value.emplace()});
    if (Options* given = value.get()) read_group(reading_, {{group_.value.place, Value::Object{}}, pointer_to(field), *given});
  }

  void field(const Field& field, OptionsList& value) override {
    const Value::Array* array = array_of(field);
    if (array == nullptr) return;
    value.clear();
    for (std::size_t i = 0; i < array->size() && !reading_.is_full(); ++i) {
      read_group(reading_, {(*array)[i], fmt::format("{}/{}", pointer_to(field), i), value.append()});
    }
  }

  void field(const Field& field, Choice& value, const OptionsTable& table) override {
    const Member* member = group_.value.find(field.key);
    if (member == nullptr) {
      if (value.options == nullptr) missing(field, "an object");
      return;
    }
    if (Choice choice = read_choice(reading_, spot(field, *member), table); choice.options != nullptr) value = std::move(choice);
  }

  void field(const Field& field, std::vector<Choice>& value, const OptionsTable& table) override {
    const Value::Array* array = array_of(field);
    if (array == nullptr) return;
    value.clear();
    for (std::size_t i = 0; i < array->size() && !reading_.is_full(); ++i) {
      const Spot element{field, (*array)[i], fmt::format("{}/{}", pointer_to(field), i), reading_.problems};
      if (Choice choice = read_choice(reading_, element, table); choice.options != nullptr) value.push_back(std::move(choice));
    }
  }

 private:
  template <class T>
  void read(const Field& field, T& value) {
    if (const Member* member = group_.value.find(field.key)) convert(spot(field, *member), value);
  }
  /// Null if it is not given, or after refusing.
  const Value::Array* array_of(const Field& field) const {
    const Member* member = group_.value.find(field.key);
    if (member == nullptr) return nullptr;
    const auto* array = std::get_if<Value::Array>(&member->value.data);
    if (array == nullptr) spot(field, *member).expect("an array of objects");
    return array;
  }
  std::string pointer_to(const Field& field) const { return member_pointer(group_.pointer, field.key); }
  Spot spot(const Field& field, const Member& member) const { return {field, member.value, pointer_to(field), reading_.problems}; }
  void missing(const Field& field, const char* type) {
    if (std::ranges::find(slips_, field.key) != slips_.end()) return;
    reading_.problems.push_back({group_.value.place, pointer_to(field), fmt::format("is missing; give {}: {}", type, field.doc)});
  }

  Reading& reading_;
  const Group& group_;
  std::vector<std::string> slips_;
};

/// The first words, and how many more there are.
std::string some(std::span<const std::string> words) {
  constexpr std::size_t most = 4;
  if (words.size() <= most) return listed(words);
  return fmt::format("{} and {} more", listed(words.first(most)), words.size() - most);
}

/// The keys of the groups within a group, those included that are not there, by their paths from it: `emotion.edition`.
std::vector<std::string> inner_paths(const std::vector<ListedOption>& options, const std::string& prefix = {}) {
  std::vector<std::string> paths;
  for (const ListedOption& option : options) {
    if (option.kind != ValueKind::group || option.list) continue;
    const std::string inner = prefix + option.key + ".";
    for (const ListedOption& member : option.members) paths.push_back(inner + member.key);
    for (std::string& path : inner_paths(option.members, inner)) paths.push_back(std::move(path));
  }
  return paths;
}

/// The nearest by the last step of their paths.
std::optional<Suggestion> nearest_path(const std::string& key, const std::vector<std::string>& paths) {
  std::vector<std::string> ends;
  for (const std::string& path : paths) ends.push_back(path.substr(path.rfind('.') + 1));
  std::optional<Suggestion> near = nearest_of(key, ends);
  if (near) near->word = paths[static_cast<std::size_t>(std::ranges::find(ends, near->word) - ends.begin())];
  return near;
}

/// The other rows of the group's table, with their keys.
struct OtherRows {
  std::vector<std::string> keys;
  std::vector<std::pair<std::string, std::string>> row_and_key;

  std::vector<std::string> rows_with(const std::string& key) const {
    std::vector<std::string> rows;
    for (const auto& [row, its_key] : row_and_key) {
      if (its_key == key) rows.push_back(row);
    }
    return rows;
  }
};

OtherRows other_rows(const Group& group) {
  OtherRows out;
  if (group.table == nullptr) return out;
  for (const OptionsEntry& entry : group.table->entries) {
    if (entry.name == group.row) continue;
    for (std::string& key : field_keys(*entry.make())) {
      out.row_and_key.emplace_back(entry.name, key);
      out.keys.push_back(std::move(key));
    }
  }
  return out;
}

/// Notes an unknown key, with what it may have been meant to be: a key of the group, of a group within it, or of another row of its table.
/// Other sections are asked when all of them are read.
void note_unknown_key(Reading& reading, const Group& group, const Member& member, const std::vector<std::string>& known,
                      const std::vector<std::string>& inner, const OtherRows& others) {
  const std::string& key = member.key;
  Reading::UnknownKey unknown{reading.problems.size(), key, nearest_of(key, known), {}};
  if (unknown.near) {
    unknown.text = "unknown key" + meant(unknown.near->word);
  } else {
    unknown.text = fmt::format("unknown key; known here: {}", known.empty() ? "none" : listed(known));
  }
  const auto is_nearer = [&](const std::optional<Suggestion>& other) {
    if (!other || (unknown.near && unknown.near->distance <= other->distance)) return false;
    unknown.near = other;
    return true;
  };
  if (const auto near = nearest_path(key, inner); is_nearer(near)) unknown.text = "unknown key here" + meant(dotted(group, near->word));
  if (const auto near = nearest_of(key, others.keys); is_nearer(near)) {
    const std::string whose = fmt::format("the {} {}, not of {}", group.table->kind, some(others.rows_with(near->word)), quoted(group.row));
    unknown.text = near->word == key ? fmt::format("a key of {}; remove it", whose)
                                     : fmt::format("unknown key; did you mean {}? That is a key of {}", quoted(near->word), whose);
  }
  reading.problems.push_back({member.place, member_pointer(group.pointer, key), {}});
  reading.unknown_keys.push_back(std::move(unknown));
}

/// Returns the keys of the group that unknown ones were probably meant to be.
std::vector<std::string> refuse_unknown_keys(Reading& reading, const Group& group, const Value::Object& object) {
  std::vector<std::string> known = field_keys(group.options);
  if (group.table != nullptr) known.insert(known.begin(), group.table->tag);
  std::vector<const Member*> unknown;
  for (const Member& member : object) {
    if (std::ranges::find(known, member.key) == known.end()) unknown.push_back(&member);
  }
  std::vector<std::string> slips;
  if (unknown.empty()) return slips;
  const std::vector<std::string> inner = inner_paths(list_options(group.options));
  const OtherRows others = other_rows(group);
  for (const Member* member : unknown) {
    if (reading.is_full()) break;
    note_unknown_key(reading, group, *member, known, inner, others);
    if (const auto near = nearest(member->key, known)) slips.push_back(*near);
  }
  return slips;
}

/// What a key of another trainer is called here; empty: nothing. It is looked for at the top, among the trainer's keys, and where it
/// belongs.
std::string synonym_of(const std::string& key, const std::string& pointer, const std::vector<std::string>& paths) {
  std::string synonym(known_elsewhere_as(key));
  const std::string section = pointer.substr(0, pointer.rfind('/'));
  const bool is_place = section.empty() || section == "/trainer" || "/" + synonym.substr(0, synonym.find('.')) == section;
  return is_place && std::ranges::find(paths, synonym) != paths.end() ? synonym : std::string();
}

/// Gives unknown keys their messages. `paths`: all keys, to tell where one belongs that stands in a wrong section.
void explain_unknown_keys(Reading& reading, const std::vector<std::string>& paths) {
  for (Reading::UnknownKey& unknown : reading.unknown_keys) {
    if (const std::string synonym = synonym_of(unknown.key, reading.problems[unknown.problem].pointer, paths); !synonym.empty()) {
      reading.problems[unknown.problem].text = "unknown key; here it is called " + quoted(synonym);
      continue;
    }
    const std::optional<Suggestion> near = nearest_path(unknown.key, paths);
    const bool elsewhere = near && (!unknown.near || near->distance < unknown.near->distance);
    reading.problems[unknown.problem].text = elsewhere ? "unknown key here" + meant(near->word) : std::move(unknown.text);
  }
}

/// Options::check() says "key: what is wrong": the problem gets that key's place.
void check_group(Reading& reading, const Group& group) {
  try {
    group.options.check();
  } catch (const Error& error) {
    const std::string text = error.what();
    const std::string key = text.substr(0, text.find(": "));
    const std::vector<std::string> known = field_keys(group.options);
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      reading.problems.push_back({group.value.place, group.pointer, text});
      return;
    }
    const Member* member = group.value.find(key);
    const Place& place = member == nullptr ? group.value.place : member->value.place;
    reading.problems.push_back({place, member_pointer(group.pointer, key), text.substr(key.size() + 2)});
  }
}

void read_group(Reading& reading, const Group& group) {
  const auto* object = std::get_if<Value::Object>(&group.value.data);
  if (object == nullptr) {
    reading.problems.push_back({group.value.place, group.pointer, fmt::format("expected an object, got {}", described(group.value))});
    return;
  }
  const std::size_t before = reading.problems.size();
  Reader reader(reading, group, refuse_unknown_keys(reading, group, *object));
  group.options.fields(reader);
  if (reading.problems.size() == before) check_group(reading, group);
}

}  // namespace

std::vector<Problem> read_options(const Value& document, Options& options) {
  Reading reading;
  read_group(reading, {document, {}, options});
  explain_unknown_keys(reading, field_paths(options));
  return std::move(reading.problems);
}

Choice read_choice(const Value& value, const std::string& pointer, const OptionsTable& table, std::vector<Problem>& problems) {
  constexpr Field field{"", ""};
  Reading reading;
  Choice choice = read_choice(reading, Spot{field, value, pointer, reading.problems}, table);
  explain_unknown_keys(reading, {});
  problems.insert(problems.end(), reading.problems.begin(), reading.problems.end());
  return choice;
}

}  // namespace emotrain::config
