#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emotrain/core/options.hpp"

/// Options as they are listed for people and programs: keys, types, defaults, ranges and meanings.
namespace emotrain::config {

struct ListedRow;

/// What a value is: of a list, each of its elements. `row`: a group whose kind its tag names.
enum class ValueKind { flag, integer, number, text, group, row };

struct ListedOption {
  std::string key;
  std::string doc;
  ValueKind kind = ValueKind::flag;
  bool list = false;
  /// Of a list: that it has two elements.
  bool pair = false;
  /// Whether null is a value.
  bool nullable = false;
  /// `true/false`, `integer`, `number`, `string`, `2 numbers`, `list of integers`, `list of numbers`, `list of strings`, `group`, `list of
  /// groups`, the kind of a table (`layer`, `list of layers`); with ` or null` where there may be none.
  std::string type;
  /// JSON; a group whose members have their defaults is `{}`. None: it has to be given.
  std::optional<std::string> default_value;
  Range range;
  /// The allowed values of a string; empty: any.
  std::vector<std::string> one_of;
  bool without_effect = false;
  bool written_if_given = false;
  /// Of a group, or of each group of a list.
  std::vector<ListedOption> members;
  /// Of what a table offers: the table, its tag and all of its rows.
  const OptionsTable* table = nullptr;
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
/// The row of a table that a name or alias names, as `values`, arguments `key=value`, leave it. Throws Error{usage} for an unknown
/// name: it lists the names, and the one that may be meant; ConfigError{usage} for values.
ListedRow list_row(const OptionsTable& table, const std::string& name, std::span<const std::string> values = {});

/// Its meaning, its choices and its range: `power of the step [at most 0]`.
std::string meaning_text(const ListedOption& option);

/// All paths below the options, through groups, tables (whatever row has them) and, as the step "0", the elements of lists. Each once.
std::vector<std::vector<std::string>> option_paths(const std::vector<ListedOption>& options);

/// `at least 0 and below 1`; empty: any number.
std::string range_text(const Range& range);

}  // namespace emotrain::config
