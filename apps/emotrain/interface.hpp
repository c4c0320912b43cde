#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "command_line.hpp"
#include "subcommands.hpp"

/// emotrain help [COMMAND]
struct HelpCommand {
  std::string command;
  bool man = false;
};

/// The command line as CLI11 knows it, and where it puts values: parsed, shown as help and manual, and completed by shells. Type names say
/// what shells complete: files for FILE, PATH, TRACE and IMAGE, directories for DIR, lessons for LESSON; of PATH|auto also the word in
/// small letters.
struct Interface {
  Interface();

  TrainCommand train;
  std::optional<int> threads;
  ListCommand list;
  ReplayCommand replay;
  CompletionCommand completion;
  HelpCommand help;
  /// What another command is to do.
  Chosen chosen;
  CLI::App app;
};

/// What the scripts for shells call, before the words to complete. Not for people: it does not appear in the help.
inline constexpr std::string_view complete_command = "__complete";
