#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "commands.hpp"
#include "emotrain/study/lesson.hpp"
#include "help_text.hpp"
#include "interface.hpp"
#include "list_kinds.hpp"
#include "list_problems.hpp"
#include "override_candidates.hpp"

namespace {

/// What stands before the word that is completed.
struct Position {
  const CLI::App* app;
  /// The option whose value comes next; null if none.
  const CLI::Option* option = nullptr;
  bool options_ended = false;
  std::vector<std::string> positionals = {};
  std::string config = {};
};

Position walk(const CLI::App& app, std::span<const std::string> words) {
  Position at{.app = &app};
  for (const std::string& word : words) {
    if (at.option != nullptr) {
      if (at.option->check_lname("config")) at.config = word;
      at.option = nullptr;
    } else if (word == "--") {
      at.options_ended = true;
    } else if (word.starts_with('-') && !at.options_ended) {
      const CLI::Option* option = at.app->get_option_no_throw(word.substr(0, word.find('=')));
      const bool takes_value = option != nullptr && option->get_items_expected_max() > 0;
      if (takes_value && word.find('=') == std::string::npos) at.option = option;
    } else if (const CLI::App* command = find_command(*at.app, word); command != nullptr && at.positionals.empty()) {
      at.app = command;
    } else {
      at.positionals.push_back(word);
    }
  }
  return at;
}

class Candidates {
 public:
  explicit Candidates(std::string begun) : begun_(std::move(begun)) {}

  void add(const std::string& text, const std::string& meaning) {
    if (text.starts_with(begun_)) lines_ += text + "\t" + meaning + "\n";
  }
  /// For the shell to find.
  void add_paths(const char* what) { lines_ += fmt::format(":{}\n", what); }
  const std::string& begun() const { return begun_; }
  const std::string& lines() const { return lines_; }

 private:
  std::string begun_;
  std::string lines_;
};

void add_rows(const std::string& kind, Candidates& out) {
  const ListedKind* listed = find_listed_kind(kind);
  if (listed == nullptr) return;
  for (const emotrain::OptionsEntry& entry : listed->table().entries) out.add(entry.name, entry.summary);
}

/// Keys first: a key's values only once it is complete.
void add_overrides(const Position& at, Candidates& out) {
  const bool wants_value = out.begun().find('=') != std::string::npos;
  const bool of_run = at.app->get_name() == "fork" && !at.positionals.empty();
  const std::vector<std::string> given(at.positionals.begin() + (of_run ? 1 : 0), at.positionals.end());
  const std::string file = of_run ? at.positionals.front() + "/config.json" : at.config;
  for (const auto& [text, meaning] : override_candidates(file, given, of_run)) {
    if (text.ends_with('=') != wants_value) out.add(text, meaning);
  }
}

/// "FILE.json", "DIR", "PATH|auto": words in small letters stand for themselves.
void add_alternatives(const std::string& type, Candidates& out) {
  std::istringstream alternatives(type);
  for (std::string word; std::getline(alternatives, word, '|');) {
    const auto has = [&](const char* part) { return word.find(part) != std::string::npos; };
    if (has("FILE") || has("PATH") || has("TRACE") || has("IMAGE")) {
      out.add_paths("files");
    } else if (has("DIR")) {
      out.add_paths("directories");
    } else if (std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; })) {
      out.add(word, "");
    }
  }
}

void add_values(const CLI::Option& option, const Position& at, Candidates& out) {
  const std::string type = option.get_type_name();
  if (type == "KIND") {
    for (const ListedKind& kind : listed_kinds()) out.add(kind.name, kind.summary);
    out.add(problems_kind, problems_summary);
  } else if (type == "NAME" && !at.positionals.empty() && at.positionals.front() == problems_kind) {
    for (const emotrain::study::ZooEntry& problem : emotrain::study::zoo()) out.add(std::string(problem.name), description_of(problem));
  } else if (type == "NAME" && !at.positionals.empty()) {
    add_rows(at.positionals.front(), out);
  } else if (type == "LESSON") {
    for (const emotrain::study::LessonOutline& lesson : emotrain::study::lesson_outlines()) out.add(lesson.name, lesson.question);
  } else if (type == "COMMAND") {
    for (const CLI::App* command : commands_of(*at.app->get_parent())) out.add(command->get_name(), command->get_description());
  } else if (type == "section.key=value") {
    add_overrides(at, out);
  } else {
    add_alternatives(type, out);
  }
}

void add_options(const CLI::App& app, Candidates& out) {
  for (const CLI::Option* option : app.get_options([](const CLI::Option* any) { return any->nonpositional(); })) {
    for (const std::string& name : option->get_lnames()) out.add("--" + name, option->get_description());
    for (const std::string& name : option->get_snames()) out.add("-" + name, option->get_description());
  }
}

void add_positionals(const Position& at, Candidates& out) {
  // No command follows a configuration.
  if (at.positionals.empty() && at.config.empty()) {
    for (const CLI::App* command : commands_of(*at.app)) out.add(command->get_name(), command->get_description());
  }
  const auto options = at.app->get_options([](const CLI::Option* any) { return any->get_positional(); });
  if (options.empty()) return;
  const CLI::Option* last = options.back();
  const bool more = last->get_expected_max() >= CLI::detail::expected_max_vector_size;
  const std::size_t number = at.positionals.size();
  if (number < options.size()) {
    add_values(*options[number], at, out);
  } else if (more) {
    add_values(*last, at, out);
  }
}

}  // namespace

int run(const CompleteCommand& command) {
  const Interface interface;
  const std::span<const std::string> words(command.words);
  const Position at = walk(interface.app, words.first(words.empty() ? 0 : words.size() - 1));
  Candidates out(words.empty() ? "" : words.back());
  if (at.option != nullptr) {
    add_values(*at.option, at, out);
  } else if (out.begun().starts_with('-') && !at.options_ended) {
    add_options(*at.app, out);
  } else {
    add_positionals(at, out);
  }
  print(out.lines());
  flush_output({});
  return 0;
}
