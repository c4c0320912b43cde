#pragma once
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// emotrain --config FILE [section.key=value ...]
struct TrainCommand {
  std::string config;
  std::vector<std::string> overrides;
  std::optional<std::string> output_dir;
  std::optional<std::string> init_from;
  bool init_partial = false;
  /// A checkpoint or run, or `auto`.
  std::optional<std::string> resume;
  bool overwrite = false;
  bool quiet = false;
  /// Tell what the run would be, and leave it at that.
  bool dry_run = false;
  /// Show the configuration, and train nothing.
  bool print_config = false;
  bool explain_config = false;
};

/// emotrain validate FILE ...
struct ValidateCommand {
  std::vector<std::string> files;
};

/// emotrain schema [--markdown]
struct SchemaCommand {
  bool markdown = false;
};

/// emotrain replay TRACE.json ...
struct ReplayCommand {
  std::vector<std::string> traces;
  /// Where the traces' scenarios are; none: beside each.
  std::optional<std::string> scenarios;
  /// JSON of an optimizer in place of the traces' own.
  std::optional<std::string> optimizer;
  bool table = false;
  bool json = false;
};

/// emotrain list [KIND [NAME [key=value ...]]]
struct ListCommand {
  std::string kind;
  std::string name;
  std::vector<std::string> values;
  bool options = false;
  bool json = false;
};

using Command = std::variant<TrainCommand, ReplayCommand, ListCommand, ValidateCommand, SchemaCommand, std::function<int()>>;

/// Nothing after --help and --version, which print to standard output. Throws emotrain::Error{usage}.
std::optional<Command> parse_command_line(int argc, const char* const* argv);
