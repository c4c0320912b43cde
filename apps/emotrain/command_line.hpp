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
  /// Show the configuration, or tell what the run would be, and train nothing.
  bool print_config = false;
  bool explain_config = false;
  bool dry_run = false;
  /// Nothing on standard error but errors.
  bool quiet = false;
  /// Also what is trained, on what and how, and each checkpoint.
  bool verbose = false;
  /// Lines instead of a display that is rewritten.
  bool no_progress = false;
  /// The result as a JSON object.
  bool json = false;
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

/// emotrain completion SHELL
struct CompletionCommand {
  std::string shell;
};

/// What the scripts of CompletionCommand ask: how can the last of these words, which follow the program's name, go on?
struct CompleteCommand {
  std::vector<std::string> words;
};

/// Text to print: help, a version.
struct TextCommand {
  std::string text;
  /// That nothing was asked for, which is an error.
  bool nothing_given = false;
};

using Command =
    std::variant<TrainCommand, ReplayCommand, ListCommand, CompletionCommand, CompleteCommand, TextCommand, std::function<int()>>;

/// Throws emotrain::Error{usage}.
Command parse_command_line(int argc, const char* const* argv);
