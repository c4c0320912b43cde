#include "help_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "text_table.hpp"

namespace {

constexpr std::size_t usual_width = 100;
constexpr std::size_t indent = 2;
constexpr std::size_t first_column = 30;

bool takes_many(const CLI::Option& option) { return option.get_expected_max() >= CLI::detail::expected_max_vector_size; }

std::size_t text_columns() {
  const std::size_t terminal = output_width();
  return std::min(terminal == 0 ? usual_width : terminal, usual_width);
}

/// Two columns; what is too long for the first has a line to itself.
std::string entry(const std::string& name, const std::string& description) {
  const bool fits = text_width(name) + indent + 1 < first_column;
  TextTable table({{""}, {""}});
  table.add({padded(std::string(indent, ' ') + (fits ? name : ""), first_column - 2), description});
  return (fits ? "" : std::string(indent, ' ') + name + "\n") + table.str(text_columns());
}

}  // namespace

std::string command_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : command_name(*app.get_parent()) + " " + app.get_name();
}

std::string option_text(const CLI::Option& option) {
  std::string text;
  for (const std::string& name : option.get_snames()) text += (text.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.get_lnames()) text += (text.empty() ? "--" : ", --") + name;
  if (option.get_items_expected_max() == 0) return text;
  text += (text.empty() ? "" : " ") + option.get_type_name();
  return takes_many(option) ? text + "..." : text;
}

std::string synopsis(const CLI::App& app) {
  // Without a command it trains, which needs a configuration.
  std::string text = command_name(app) + (app.get_parent() == nullptr ? " --config FILE" : "");
  const auto has_more = [](const CLI::Option* option) { return option->nonpositional() && !option->check_lname("help"); };
  if (!app.get_options(has_more).empty()) text += " [OPTIONS]";
  for (const CLI::Option* option : app.get_options([](const CLI::Option* any) { return any->get_positional(); })) {
    const std::string name = option_text(*option);
    text += option->get_required() ? " " + name : " [" + name + "]";
  }
  return text;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const auto commands = commands_of(app);
  const auto found = std::ranges::find_if(commands, [&](const CLI::App* command) { return command->get_name() == name; });
  return found != commands.end() ? *found : nullptr;
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string /*name*/) const {
  std::string text = "\nUsage: " + synopsis(*app) + "\n";
  for (const CLI::App* command : commands_of(*app)) text += "       " + synopsis(*command) + "\n";
  return text;
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool /*is_positional*/) const {
  std::string description = option->get_description();
  for (const CLI::Option* other : option->get_excludes()) description += fmt::format(" (not with {})", other->get_name());
  return entry(option_text(*option), description);
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const { return entry(command->get_name(), command->get_description()); }

/// Paragraphs are filled anew; indented lines stay as they are.
std::string HelpFormatter::make_footer(const CLI::App* app) const {
  std::string out;
  std::string paragraph;
  const auto end_paragraph = [&] {
    TextTable table({{""}});
    table.add({std::exchange(paragraph, {})});
    out += table.str(text_columns());
  };
  std::istringstream lines(app->get_footer());
  for (std::string line; std::getline(lines, line);) {
    const bool keeps = line.empty() || line.starts_with("  ");
    if (keeps && !paragraph.empty()) end_paragraph();
    if (keeps) {
      out += line + "\n";
    } else {
      paragraph += (paragraph.empty() ? "" : " ") + line;
    }
  }
  if (!paragraph.empty()) end_paragraph();
  return out;
}

std::string help_text(const CLI::App& app) { return app.get_formatter()->make_help(&app, command_name(app), CLI::AppFormatMode::Normal); }

std::string short_usage(const CLI::App& app) {
  std::string text = "usage: " + synopsis(app) + "\n";
  for (const CLI::App* command : commands_of(app)) text += "       " + synopsis(*command) + "\n";
  return text + "\nTry emotrain --config configs/quickstart.json, or emotrain --help.\n";
}
