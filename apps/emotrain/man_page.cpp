#include "man_page.hpp"

#include <fmt/format.h>

#include <sstream>

#include "emotrain/train/build_info.hpp"
#include "help_text.hpp"

namespace {

/// Text as troff shows it: hyphens as such, and no line that is taken for a request.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '-') {
      out += "\\-";
    } else if (c == '\\') {
      out += "\\e";
    } else if (c == '\'') {
      out += "\\(aq";
    } else if (c == '`') {
      out += "\\(ga";
    } else if (c == '~') {
      out += "\\(ti";
    } else if (c == '^') {
      out += "\\(ha";
    } else {
      out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

/// The footers of the help: paragraphs, and indented lines that stay as they are.
std::string footer(const std::string& text) {
  std::string out;
  std::istringstream lines(text);
  bool in_example = false;
  for (std::string line; std::getline(lines, line);) {
    const bool example = line.starts_with("  ");
    if (example != in_example) out += example ? ".RS 4\n.EX\n" : ".EE\n.RE\n";
    in_example = example;
    if (example) {
      out += escaped(line.substr(2)) + "\n";
    } else {
      out += line.empty() ? ".PP\n" : escaped(line) + "\n";
    }
  }
  return out + (in_example ? ".EE\n.RE\n" : "");
}

std::string options(const CLI::App& app) {
  std::string out;
  for (const bool positional : {true, false}) {
    for (const CLI::Option* option : app.get_options([&](const CLI::Option* any) { return any->get_positional() == positional; })) {
      std::string description = option->get_description();
      for (const CLI::Option* other : option->get_excludes()) description += fmt::format(" (not with {})", other->get_name());
      out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", escaped(option_text(*option)), escaped(description));
    }
  }
  return out;
}

std::string command(const CLI::App& app) {
  return fmt::format(".SS {}\n{}.\n{}.PP\n{}", escaped(synopsis(app)), escaped(app.get_description()), options(app),
                     footer(app.get_footer()));
}

}  // namespace

std::string man_page(const CLI::App& app) {
  std::string out = fmt::format(".TH EMOTRAIN 1 \"\" \"emotrain {}\" \"User Commands\"\n", emotrain::train::build_info::version);
  out += ".SH NAME\nemotrain \\- trains small neural networks with optimizers that watch the loss\n.SH SYNOPSIS\n.nf\n";
  out += escaped(synopsis(app)) + "\n";
  for (const CLI::App* sub : commands_of(app)) out += escaped(synopsis(*sub)) + "\n";
  out += fmt::format(".fi\n.SH DESCRIPTION\n{}\n.SH OPTIONS\n{}.SH COMMANDS\n", escaped(app.get_description()), options(app));
  for (const CLI::App* sub : commands_of(app)) out += command(*sub);
  out += ".SH NOTES\n" + footer(app.get_footer());
  return out;
}
