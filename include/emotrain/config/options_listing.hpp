#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emotrain/core/options.hpp"

/// Options as they are listed for people and programs: keys, types, defaults, ranges and meanings.
namespace emotrain::config {

struct ListedRow;

struct ListedOption {
  std::string key;
  std::string doc;
  /// `true/false`, `integer`, `number`, `string`, `2 numbers`, `list of integers`, `list of strings`, `group`, `list of groups`, the kind
  /// of a table (`layer`, `list of layers`); with ` or null` where there may be none.
  std::string type;
  /// JSON; a group whose members have their defaults is `{}`. None: it has to be given.
  std::optional<std::string> default_value;
  Range range;
  /// The allowed values of a string; empty: any.
  std::vector<std::string> one_of;
  bool without_effect = false;
  /// Of a group, or of each group of a list.
  std::vector<ListedOption> members;
  /// Of what a table offers: its tag and all of its rows.
  std::string tag;
  std::vector<ListedRow> rows;
};

/// An option whose value sets the defaults of others, as `edition` does, or the table's tag, if other names of the row do.
struct DependentDefaults {
  std::string key;
  std::vector<std::string> choices;
  struct Row {
    /// Dotted: `emotion.drive`.
    std::string path;
    /// The default, as JSON, under each choice.
    std::vector<std::string> defaults;
  };
  /// Those whose default is not the same under all choices.
  std::vector<Row> rows;
};

struct ListedRow {
  std::string name;
  /// Its other names.
  std::vector<std::string> aliases;
  std::string summary;
  std::string source;
  std::vector<ListedOption> options;
  std::vector<DependentDefaults> dependent_defaults;
};

/// The fields of a group, in order; the values that they have are its defaults.
std::vector<ListedOption> list_options(const Options& options);
/// The row of a table that a name or alias names, as `values`, arguments `key=value`, leave it. Throws Error{usage}: for an unknown name
/// one that lists the names, and the one that may be meant; for a value the first Problem.
ListedRow list_row(const OptionsTable& table, const std::string& name, std::span<const std::string> values = {});

/// `at least 0 and below 1`; empty: any number.
std::string range_text(const Range& range);

}  // namespace emotrain::config
