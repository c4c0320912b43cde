#include "emotrain/config/options_listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "emotrain/config/document.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/config/overrides.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::config {
namespace {

std::string json(bool value) { return value ? "true" : "false"; }
std::string json(Index value) { return fmt::to_string(value); }
std::string json(double value) { return fmt::to_string(value); }
std::string json(const std::string& value) { return string_literal(value); }

std::string json(const Choice& choice, const OptionsTable& table) {
  return fmt::format("{{{}: {}}}", string_literal(table.tag), string_literal(choice.name));
}

template <class List>
std::string json_list(const List& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ", ") + json(value);
  return "[" + text + "]";
}

constexpr ValueKind kind_of(bool /*value*/) { return ValueKind::flag; }
constexpr ValueKind kind_of(Index /*value*/) { return ValueKind::integer; }
constexpr ValueKind kind_of(double /*value*/) { return ValueKind::number; }
ValueKind kind_of(const std::string& /*value*/) { return ValueKind::text; }

std::string kind_text(ValueKind kind, const OptionsTable* table) {
  switch (kind) {
    case ValueKind::flag:
      return "true/false";
    case ValueKind::integer:
      return "integer";
    case ValueKind::number:
      return "number";
    case ValueKind::text:
      return "string";
    case ValueKind::group:
      return "group";
    case ValueKind::row:
      return table->kind;
  }
  return {};
}

std::string type_text(const ListedOption& option) {
  std::string text = kind_text(option.kind, option.table);
  if (option.pair) return "2 numbers";
  if (option.list) text = "list of " + text + (text.ends_with('s') ? "es" : "s");
  return text + (option.nullable ? " or null" : "");
}

/// Without its options.
ListedRow plain_row(const OptionsEntry& entry) {
  ListedRow row{
      .name = entry.name, .aliases = {}, .summary = entry.summary, .source = entry.source, .options = {}, .dependent_defaults = {}};
  for (const OptionsAlias& alias : entry.aliases) row.aliases.emplace_back(alias.name);
  return row;
}

class Lister final : public FieldVisitor {
 public:
  /// Tables whose rows are being listed already are not listed again within.
  explicit Lister(std::vector<const OptionsTable*> within) : within_(std::move(within)) {}

  std::vector<ListedOption> options;

  void field(const Field& field, bool& value) override { scalar(field, value); }
  void field(const Field& field, Index& value) override { number(field, value); }
  void field(const Field& field, double& value) override { number(field, value); }
  void field(const Field& field, std::string& value) override {
    scalar(field, value);
    if (value.empty()) require();
  }
  void field(const Field& field, std::array<double, 2>& value) override {
    list(field, value);
    options.back().pair = true;
    options.back().type = type_text(options.back());
  }
  void field(const Field& field, std::vector<Index>& value) override { list(field, value); }
  void field(const Field& field, std::vector<double>& value) override { list(field, value); }
  void field(const Field& field, std::vector<std::string>& value) override { list(field, value); }
  void field(const Field& field, std::optional<Index>& value) override { optional(field, value); }
  void field(const Field& field, std::optional<double>& value) override { optional(field, value); }
  void field(const Field& field, std::optional<std::string>& value) override { optional(field, value); }

  void field(const Field& field, Options& value) override { add(field, {.kind = ValueKind::group}, "{}").members = members(value); }
  void field(const Field& field, OptionalOptions& value) override {
    Options* const given = value.get();
    ListedOption& option = add(field, {.kind = ValueKind::group, .nullable = true}, given == nullptr ? "null" : "{}");
    option.members = members(given == nullptr ? *value.sample() : *given);
  }
  void field(const Field& field, OptionsList& value) override {
    std::string groups;
    for (std::size_t i = 0; i < value.size(); ++i) groups += i == 0 ? "{}" : ", {}";
    add(field, {.kind = ValueKind::group, .list = true}, "[" + groups + "]").members = members(*value.sample());
  }
  void field(const Field& field, Choice& value, const OptionsTable& table) override {
    offer(add(field, {.kind = ValueKind::row, .table = &table}, json(value, table)), table);
    if (value.options == nullptr) require();
  }
  void field(const Field& field, std::vector<Choice>& value, const OptionsTable& table) override {
    std::string choices;
    for (const Choice& choice : value) choices += (choices.empty() ? "" : ", ") + json(choice, table);
    offer(add(field, {.kind = ValueKind::row, .list = true, .table = &table}, "[" + choices + "]"), table);
  }

 private:
  struct Type {
    ValueKind kind;
    bool list = false;
    bool nullable = false;
    const OptionsTable* table = nullptr;
  };

  ListedOption& add(const Field& field, const Type& type, std::string default_value) {
    ListedOption option;
    option.key = field.key;
    option.doc = field.doc;
    option.kind = type.kind;
    option.list = type.list;
    option.nullable = type.nullable;
    option.table = type.table;
    option.type = type_text(option);
    option.default_value = std::move(default_value);
    option.range = field.range;
    option.one_of.assign(field.one_of.begin(), field.one_of.end());
    option.without_effect = field.without_effect;
    option.written_if_given = field.written_if_given;
    return options.emplace_back(std::move(option));
  }
  /// The field that was added last has no default.
  void require() { options.back().default_value.reset(); }
  template <class T>
  void scalar(const Field& field, const T& value) {
    add(field, {.kind = kind_of(value)}, json(value));
  }
  /// A default that is not allowed is none.
  template <class T>
  void number(const Field& field, T value) {
    scalar(field, value);
    if (!field.range.contains(static_cast<double>(value))) require();
  }
  template <class T>
  void optional(const Field& field, const std::optional<T>& value) {
    add(field, {.kind = kind_of(value.value_or(T{})), .nullable = true}, value ? json(*value) : "null");
  }
  template <class List>
  void list(const Field& field, const List& values) {
    add(field, {.kind = kind_of(typename List::value_type{}), .list = true}, json_list(values));
  }
  std::vector<ListedOption> members(Options& group) const {
    Lister lister(within_);
    group.fields(lister);
    return std::move(lister.options);
  }
  void offer(ListedOption& option, const OptionsTable& table) const {
    option.tag = table.tag;
    const bool is_open = std::ranges::find(within_, &table) != within_.end();
    Lister inner(within_);
    inner.within_.push_back(&table);
    for (const OptionsEntry& entry : table.entries) {
      option.rows.push_back(plain_row(entry));
      if (!is_open) option.rows.back().options = inner.members(*entry.make());
    }
  }

  std::vector<const OptionsTable*> within_;
};

/// Paths and defaults of all options, those of absent groups included.
void flatten(const std::vector<ListedOption>& options, const std::string& prefix, std::vector<std::pair<std::string, std::string>>& out) {
  for (const ListedOption& option : options) {
    out.emplace_back(prefix + option.key, option.default_value.value_or(""));
    if (!option.list) flatten(option.members, prefix + option.key + ".", out);
  }
}

using Defaults = std::vector<std::pair<std::string, std::string>>;

Defaults defaults_of(const Options& options) {
  Defaults out;
  flatten(list_options(options), {}, out);
  return out;
}

/// What differs between the defaults under each choice.
DependentDefaults compared(std::string key, std::vector<std::string> choices, const std::vector<Defaults>& defaults) {
  DependentDefaults out{std::move(key), std::move(choices), {}};
  for (const Defaults& under_choice : defaults) {
    for (const auto& [path, value] : under_choice) {
      auto row = std::ranges::find(out.rows, path, &DependentDefaults::Row::path);
      if (row == out.rows.end()) row = out.rows.insert(row, {path, {}});
      row->defaults.push_back(value);
    }
  }
  std::vector<std::string> itself;
  for (const std::string& choice : out.choices) itself.push_back(json(choice));
  std::erase_if(out.rows, [&](const DependentDefaults::Row& row) {
    if (row.defaults.size() != out.choices.size() || row.defaults == itself) return true;
    return std::ranges::count(row.defaults, row.defaults.front()) == std::ranges::ssize(row.defaults);
  });
  return out;
}

std::vector<DependentDefaults> dependent_defaults(const OptionsTable& table, const OptionsEntry& entry) {
  std::vector<DependentDefaults> out;
  const auto add = [&](DependentDefaults found) {
    if (!found.rows.empty()) out.push_back(std::move(found));
  };
  std::vector<std::string> names{entry.name};
  std::vector<Defaults> defaults{defaults_of(*entry.make())};
  for (const OptionsAlias& alias : entry.aliases) {
    names.emplace_back(alias.name);
    defaults.push_back(defaults_of(*table.choose(alias.name).options));
  }
  add(compared(table.tag, std::move(names), defaults));
  for (const ListedOption& option : list_options(*entry.make())) {
    defaults.clear();
    for (const std::string& choice : option.one_of) {
      const std::unique_ptr<Options> options = entry.make();
      read_options(Value{{}, Value::Object{{option.key, {}, {{}, choice}}}}, *options);
      defaults.push_back(defaults_of(*options));
    }
    add(compared(option.key, option.one_of, defaults));
  }
  return out;
}

[[noreturn]] void refuse_name(const OptionsTable& table, const std::string& name) {
  std::vector<std::string> names;
  for (const OptionsEntry& entry : table.entries) names.emplace_back(entry.name);
  const std::string rows = listed(names);
  for (const OptionsEntry& entry : table.entries) {
    for (const OptionsAlias& alias : entry.aliases) names.emplace_back(alias.name);
  }
  const auto near = nearest(name, names);
  const std::string meant = near ? fmt::format("; did you mean {}?", quoted(*near)) : std::string();
  fail(ErrorKind::usage, "there is no {} {}{}; there are {}", table.kind, quoted(name), meant, rows);
}

}  // namespace

std::vector<ListedOption> list_options(const Options& options) {
  Lister lister({});
  // A field list serves readers and writers alike, so it is not const; this visitor changes nothing.
  const_cast<Options&>(options).fields(lister);
  return std::move(lister.options);
}

ListedRow list_row(const OptionsTable& table, const std::string& name, std::span<const std::string> values) {
  const Choice choice = table.choose(name);
  if (choice.options == nullptr) refuse_name(table, name);
  Value document{{}, Value::Object{}};
  int number = 0;
  std::vector<Problem> problems;
  for (const std::string& value : values) apply_override(document, value, ++number, problems);
  for (Problem& problem : read_options(document, *choice.options)) {
    // What is missing has no place; here it is nothing wrong.
    if (problem.place.source != nullptr) problems.push_back(std::move(problem));
  }
  if (!problems.empty()) throw ConfigError(ErrorKind::usage, std::move(problems));
  const OptionsEntry& entry = *table.find(name);
  ListedRow row = plain_row(entry);
  row.options = list_options(*choice.options);
  row.dependent_defaults = dependent_defaults(table, entry);
  return row;
}

std::string meaning_text(const ListedOption& option) {
  std::string text = option.doc;
  if (option.without_effect) text += " (no effect)";
  if (!option.one_of.empty()) text += fmt::format(" [{}]", fmt::join(option.one_of, ", "));
  if (const std::string range = range_text(option.range); !range.empty()) text += fmt::format(" [{}]", range);
  return text;
}

std::vector<std::vector<std::string>> option_paths(const std::vector<ListedOption>& options) {
  std::set<std::vector<std::string>> seen;
  std::vector<std::vector<std::string>> out;
  std::vector<std::string> path;
  const auto add = [&] {
    if (seen.insert(path).second) out.push_back(path);
  };
  const std::function<void(const std::vector<ListedOption>&)> walk = [&](const std::vector<ListedOption>& level) {
    for (const ListedOption& option : level) {
      path.push_back(option.key);
      add();
      if (option.list) {
        path.emplace_back("0");
        add();
      }
      if (!option.tag.empty()) {
        path.push_back(option.tag);
        add();
        path.pop_back();
      }
      walk(option.members);
      for (const ListedRow& row : option.rows) walk(row.options);
      path.resize(path.size() - (option.list ? 2 : 1));
    }
  };
  walk(options);
  return out;
}

std::string range_text(const Range& range) {
  const Range any;
  if (range.min == range.max) return fmt::to_string(range.min);
  std::string text;
  const auto add = [&text](const char* word, double bound) { text += fmt::format("{}{} {}", text.empty() ? "" : " and ", word, bound); };
  if (range.min != any.min) add("at least", range.min);
  if (range.above != any.above) add("above", range.above);
  if (range.max != any.max) add("at most", range.max);
  if (range.below != any.below) add("below", range.below);
  return text;
}

}  // namespace emotrain::config
