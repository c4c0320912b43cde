#pragma once
#include <optional>
#include <string>
#include <vector>

struct CommandLine {
  std::string config;
  std::vector<std::string> overrides;
  std::optional<std::string> output_dir;
  std::optional<std::string> init_from;
  bool quiet = false;
};

/// Nothing after --help and --version, which print to standard output. Throws emotrain::Error{usage}.
std::optional<CommandLine> parse_command_line(int argc, const char* const* argv);
