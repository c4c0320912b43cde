#include <fmt/format.h>

#include "commands.hpp"
#include "emotrain/config/options_listing.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/study/study.hpp"
#include "json_line.hpp"
#include "list_kinds.hpp"
#include "list_problems.hpp"
#include "list_text.hpp"
#include "text_table.hpp"

namespace {

using emotrain::ErrorKind;
using emotrain::OptionsEntry;
using emotrain::OptionsTable;

using Kind = ListedKind;

const Kind& find_kind(const std::string& name) {
  if (const Kind* kind = find_listed_kind(name)) return *kind;
  std::string names;
  for (const Kind& kind : listed_kinds()) names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", kind.name);
  names += fmt::format(", \"{}\"", problems_kind);
  emotrain::fail(ErrorKind::usage, "there is no kind \"{}\"; there are {}", name, names);
}

void list_kinds(bool as_json) {
  if (as_json) {
    const auto object = [](const Kind& kind) {
      return JsonObject()
          .add("name", json(kind.name))
          .add("rows", json_number(kind.table().entries.size()))
          .add("summary", json(kind.summary))
          .str();
    };
    const std::string problems = JsonObject()
                                     .add("name", json(problems_kind))
                                     .add("rows", json_number(emotrain::study::zoo().size()))
                                     .add("summary", json(problems_summary))
                                     .str();
    const std::string kinds = json_list(listed_kinds(), object);
    return print(JsonObject().add("kinds", kinds.substr(0, kinds.size() - 1) + ", " + problems + "]").str() + "\n");
  }
  TextTable table({{""}, {"", true}, {""}});
  for (const Kind& kind : listed_kinds()) table.add({kind.name, fmt::to_string(kind.table().entries.size()), kind.summary});
  table.add({problems_kind, fmt::to_string(emotrain::study::zoo().size()), problems_summary});
  print(table.str(output_width()) + "\nemotrain list KIND shows their names, emotrain list KIND NAME the options of one.\n");
}

void list_rows(const Kind& kind, const ListCommand& command) {
  const OptionsTable& table = kind.table();
  if (command.json) {
    const auto object = [&](const OptionsEntry& entry) { return row_json(emotrain::config::list_row(table, entry.name)); };
    return print(JsonObject().add("kind", json(kind.name)).add("rows", json_list(table.entries, object)).str() + "\n");
  }
  if (command.options) {
    for (const OptionsEntry& entry : table.entries) {
      print((&entry == table.entries.data() ? "" : "\n") + row_text(emotrain::config::list_row(table, entry.name), output_width()));
    }
    return;
  }
  TextTable text(kind.shows_source ? std::vector<TextTable::Column>{{""}, {""}, {""}} : std::vector<TextTable::Column>{{""}, {""}});
  for (const OptionsEntry& entry : table.entries) {
    std::string also;
    for (const emotrain::OptionsAlias& alias : entry.aliases) also += (also.empty() ? " (also " : ", ") + std::string(alias.name);
    std::vector<std::string> cells = {entry.name, entry.summary + also + (also.empty() ? "" : ")")};
    if (kind.shows_source) cells.emplace_back(entry.source);
    text.add(std::move(cells));
  }
  print(fmt::format("{}\nemotrain list {} NAME shows the options of one, emotrain list {} --options those of all.\n",
                    text.str(output_width()), kind.name, kind.name));
}

void list_row(const Kind& kind, const ListCommand& command) {
  const emotrain::config::ListedRow row = emotrain::config::list_row(kind.table(), command.name, command.values);
  if (command.json) return print(row_json(row) + "\n");
  print(row_text(row, output_width()));
  for (const auto& dependent : row.dependent_defaults) {
    const bool is_name = dependent.key == kind.table().tag;
    const std::string shown =
        is_name ? dependent.choices.back() : fmt::format("{} {}={}", row.name, dependent.key, dependent.choices.back());
    print("\n" + dependent_text(dependent, fmt::format("emotrain list {} {}", kind.name, shown)));
  }
}

}  // namespace

int run(const ListCommand& command) {
  if (command.kind == problems_kind) {
    list_problems(command);
  } else if (command.kind.empty()) {
    list_kinds(command.json);
  } else if (command.name.empty()) {
    list_rows(find_kind(command.kind), command);
  } else {
    list_row(find_kind(command.kind), command);
  }
  flush_output({});
  return 0;
}
