#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

/// Like CLI11's own, with usage lines that name what positionals are, and text that is wrapped.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter() { label("Positionals", "Arguments"); }
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_footer(const CLI::App* app) const override;
};

/// "emotrain", "emotrain list".
std::string command_name(const CLI::App& app);
/// "emotrain replay [OPTIONS] TRACE.json..."
std::string synopsis(const CLI::App& app);
/// "-q, --quiet", "--output-dir DIR", "TRACE.json..."
std::string option_text(const CLI::Option& option);
/// Those that help shows.
std::vector<const CLI::App*> commands_of(const CLI::App& app);
/// One of them, by its name; null if there is none.
const CLI::App* find_command(const CLI::App& app, const std::string& name);

std::string help_text(const CLI::App& app);
/// One line for each command.
std::string short_usage(const CLI::App& app);
