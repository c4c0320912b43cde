#include "list_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "json_line.hpp"
#include "text_table.hpp"

namespace {

using emotrain::Range;
using emotrain::config::DependentDefaults;
using emotrain::config::ListedOption;
using emotrain::config::ListedRow;
using emotrain::config::meaning_text;
using emotrain::config::range_text;

void add_options(TextTable& table, const std::vector<ListedOption>& options, std::size_t depth) {
  const std::string indent(2 * depth, ' ');
  for (const ListedOption& option : options) {
    table.add({indent + option.key, option.type, option.default_value.value_or("(required)"), meaning_text(option)});
    add_options(table, option.members, depth + 1);
    for (const ListedRow& row : option.rows) {
      table.add({fmt::format("{}  {}={}", indent, option.tag, row.name), "", "", row.summary});
      add_options(table, row.options, depth + 2);
    }
  }
}

std::string range_json(const Range& range) {
  const Range any;
  JsonObject out;
  if (range.min != any.min) out.add("min", json(range.min));
  if (range.above != any.above) out.add("above", json(range.above));
  if (range.max != any.max) out.add("max", json(range.max));
  if (range.below != any.below) out.add("below", json(range.below));
  return out.str();
}

std::string options_json(const std::vector<ListedOption>& options);

std::string option_json(const ListedOption& option) {
  JsonObject out;
  out.add("key", json(option.key)).add("type", json(option.type));
  if (option.default_value) out.add("default", *option.default_value);
  if (!option.default_value) out.add("required", "true");
  if (!option.one_of.empty()) out.add("one_of", json_list(option.one_of, [](const std::string& word) { return json(word); }));
  if (!range_text(option.range).empty()) out.add("range", range_json(option.range));
  if (option.without_effect) out.add("without_effect", "true");
  out.add("doc", json(option.doc));
  if (!option.members.empty()) out.add("options", options_json(option.members));
  if (!option.rows.empty()) out.add("tag", json(option.tag)).add("rows", json_list(option.rows, row_json));
  return out.str();
}

std::string options_json(const std::vector<ListedOption>& options) { return json_list(options, option_json); }

std::string dependent_json(const DependentDefaults& dependent) {
  JsonObject defaults;
  for (const DependentDefaults::Row& row : dependent.rows) {
    defaults.add(row.path, json_list(row.defaults, [](const std::string& value) { return value; }));
  }
  return JsonObject()
      .add("key", json(dependent.key))
      .add("choices", json_list(dependent.choices, [](const std::string& choice) { return json(choice); }))
      .add("defaults", defaults.str())
      .str();
}

}  // namespace

std::string row_text(const ListedRow& row, std::size_t width) {
  std::string head = fmt::format("{}: {}\n", row.name, row.summary);
  if (!row.aliases.empty()) head += fmt::format("also: {}\n", fmt::join(row.aliases, ", "));
  head += fmt::format("source: {}\n", row.source);
  if (row.options.empty()) return head + "no options\n";
  TextTable table({{"option"}, {"type"}, {"default"}, {"meaning"}});
  add_options(table, row.options, 0);
  return head + "\n" + table.str(width);
}

std::string dependent_text(const DependentDefaults& defaults, const std::string& command) {
  std::vector<TextTable::Column> columns{{defaults.key}};
  for (const std::string& choice : defaults.choices) columns.push_back({choice});
  TextTable table(std::move(columns));
  for (const DependentDefaults::Row& row : defaults.rows) {
    std::vector<std::string> cells{row.path};
    cells.insert(cells.end(), row.defaults.begin(), row.defaults.end());
    table.add(std::move(cells));
  }
  return fmt::format("{} sets these defaults (all under the last: {}):\n\n{}", defaults.key, command, table.str());
}

std::string row_json(const ListedRow& row) {
  JsonObject out;
  out.add("name", json(row.name));
  if (!row.aliases.empty()) out.add("aliases", json_list(row.aliases, [](const std::string& name) { return json(name); }));
  out.add("summary", json(row.summary)).add("source", json(row.source));
  out.add("options", options_json(row.options));
  if (!row.dependent_defaults.empty()) out.add("dependent_defaults", json_list(row.dependent_defaults, dependent_json));
  return out.str();
}
