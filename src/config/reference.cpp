#include "emotrain/config/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "emotrain/config/options_listing.hpp"
#include "emotrain/train/run_config.hpp"

namespace emotrain::config {
namespace {

constexpr const char* head = R"(# Every option of a configuration

Made by `emotrain schema --markdown`: change the lists of fields, not this file. [The guide](config-format.md) tells how a configuration
is put together; `emotrain list KIND NAME` shows the same in a terminal, and [config.schema.json](config.schema.json) tells it to editors.
)";

/// In a cell of a table, where a bar would end it.
std::string code(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return "`" + out + "`";
}

/// The same outside code, where `<` would begin a tag.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : c == '<' ? "&lt;" : std::string(1, c);
  return out;
}

class Markdown {
 public:
  explicit Markdown(std::string text) : text_(std::move(text)) {}

  /// A table that was described already is left to its links.
  void section(const ListedOption& option) {
    if (!tables_.insert(option.table).second) return;
    text_ += fmt::format("\n## `{}`\n\n{}. `{}` is one of the names below.\n", option.key, capital(option.doc), option.tag);
    std::vector<ListedRow> rows;
    for (const ListedRow& row : option.rows) rows.push_back(list_row(*option.table, row.name));
    const auto [common, exception] = shared(rows);
    if (!common.empty()) {
      const std::string but = exception.empty() ? "" : fmt::format(" is, but for `{}`", exception);
      text_ += fmt::format("\nWhatever the `{}`{}:\n", option.tag, but);
      table(common);
    }
    for (ListedRow& row : rows) {
      std::erase_if(row.options, [&](const ListedOption& each) { return contains(common, each); });
      describe(row, option.tag);
    }
  }

  void table(const std::vector<ListedOption>& options) {
    text_ += "\n| option | type | default | meaning |\n|---|---|---|---|\n";
    for (const ListedOption& option : options) {
      const std::string value = option.default_value ? code(*option.default_value) : "required";
      std::string meaning = meaning_text(option);
      if (!option.members.empty()) meaning += ": [its options](#" + group(option) + ")";
      if (!option.rows.empty()) meaning += fmt::format(": see [{}](#{})", option.key, option.key);
      text_ += fmt::format("| {} | {} | {} | {} |\n", code(option.key), cell(option.type), value, cell(meaning));
    }
  }

  /// The groups that tables mentioned, each once.
  void groups() {
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const Group described = groups_[i];
      text_ += fmt::format("\n## {}\n", described.title);
      table(described.option.members);
    }
  }

  std::string text() && { return std::move(text_); }

 private:
  struct Group {
    std::string title;
    ListedOption option;
  };

  static std::string capital(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
  }
  static bool same_list(const std::vector<ListedOption>& a, const std::vector<ListedOption>& b) { return std::ranges::equal(a, b, same); }
  static bool same(const ListedOption& a, const ListedOption& b) {
    return a.key == b.key && a.type == b.type && a.default_value == b.default_value && meaning_text(a) == meaning_text(b) &&
           same_list(a.members, b.members);
  }
  static bool contains(const std::vector<ListedOption>& options, const ListedOption& option) {
    return std::ranges::any_of(options, [&](const ListedOption& each) { return same(each, option); });
  }

  /// Options that all rows have alike; if there are none, those that all but one have, and its name.
  static std::pair<std::vector<ListedOption>, std::string> shared(const std::vector<ListedRow>& rows) {
    std::vector<ListedOption> out = shared_but(rows, "");
    for (const ListedRow& row : rows) {
      if (!out.empty()) break;
      out = shared_but(rows, row.name);
      if (!out.empty()) return {std::move(out), row.name};
    }
    return {std::move(out), ""};
  }
  static std::vector<ListedOption> shared_but(const std::vector<ListedRow>& rows, const std::string& exception) {
    std::vector<ListedOption> out = (rows.front().name == exception ? rows.back() : rows.front()).options;
    std::erase_if(out, [&](const ListedOption& option) {
      return !std::ranges::all_of(rows, [&](const ListedRow& row) { return row.name == exception || contains(row.options, option); });
    });
    return out;
  }

  void describe(const ListedRow& row, const std::string& tag) {
    text_ += fmt::format("\n### `{}`\n\n{}. Source: {}.", row.name, capital(row.summary), row.source);
    if (!row.aliases.empty()) text_ += fmt::format(" Also: `{}`.", fmt::join(row.aliases, "`, `"));
    text_ += "\n";
    if (!row.options.empty()) table(row.options);
    for (const DependentDefaults& dependent : row.dependent_defaults) {
      text_ += dependent.key == tag ? "\nIts names differ in their defaults:\n" : fmt::format("\n`{}` sets defaults:\n", dependent.key);
      text_ += "\n| option |";
      for (const std::string& choice : dependent.choices) text_ += fmt::format(" {} |", code(choice));
      text_ += "\n|---|";
      for (std::size_t i = 0; i < dependent.choices.size(); ++i) text_ += "---|";
      for (const DependentDefaults::Row& each : dependent.rows) {
        text_ += fmt::format("\n| {} |", code(each.path));
        for (const std::string& value : each.defaults) text_ += fmt::format(" {} |", code(value));
      }
      text_ += "\n";
    }
  }

  /// The anchor of a group's table.
  std::string group(const ListedOption& option) {
    int variant = 0;
    for (const Group& known : groups_) {
      if (known.option.key != option.key) continue;
      ++variant;
      if (same_list(known.option.members, option.members)) return anchor(known.title);
    }
    const std::string title = fmt::format("Group {}{}", option.key, variant == 0 ? "" : fmt::format(", form {}", variant + 1));
    groups_.push_back({title, option});
    return anchor(title);
  }
  /// As GitHub makes it from a title.
  static std::string anchor(const std::string& title) {
    std::string out;
    for (const char c : title) {
      if (c == ' ') out += '-';
      if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-') out += c;
    }
    return out;
  }

  std::string text_;
  std::vector<Group> groups_;
  std::set<const OptionsTable*> tables_;
};

}  // namespace

std::string run_config_reference() {
  const std::vector<ListedOption> options = list_options(train::RunConfig());
  Markdown out(head);
  out.table(options);
  for (const ListedOption& option : options) {
    if (option.kind != ValueKind::row) continue;
    out.section(option);
    // What rows are made of in turn: the layers of a model.
    for (const ListedRow& row : option.rows) {
      for (const ListedOption& inner : row.options) {
        if (inner.kind == ValueKind::row) out.section(inner);
      }
    }
  }
  out.groups();
  return std::move(out).text();
}

}  // namespace emotrain::config
