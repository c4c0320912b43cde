#include "list_problems.hpp"

#include <fmt/format.h>

#include <vector>

#include "commands.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"
#include "json_line.hpp"
#include "text_table.hpp"

namespace {

using emotrain::study::zoo;
using emotrain::study::ZooEntry;

void list_problem(const std::string& name) {
  std::vector<std::string> names;
  for (const ZooEntry& problem : zoo()) {
    if (problem.name == name) return print(problem.text);
    names.emplace_back(problem.name);
  }
  const auto near = emotrain::config::nearest(name, names);
  emotrain::fail(emotrain::ErrorKind::usage, "there is no problem \"{}\"{}; there are {}", name,
                 near ? "; did you mean \"" + *near + "\"?" : "", emotrain::config::listed(names));
}

}  // namespace

std::string description_of(const ZooEntry& problem) {
  const auto document = emotrain::config::parse_document(std::string(problem.text), std::string(problem.name));
  return std::get<std::string>(document.find("description")->value.data);
}

void list_problems(const ListCommand& command) {
  if (!command.name.empty()) return list_problem(command.name);
  if (command.json) {
    const auto object = [](const ZooEntry& problem) {
      return JsonObject().add("name", json(std::string(problem.name))).add("summary", json(description_of(problem))).str();
    };
    return print(JsonObject().add("kind", json(problems_kind)).add("rows", json_list(zoo(), object)).str() + "\n");
  }
  TextTable table({{""}, {""}});
  for (const ZooEntry& problem : zoo()) table.add({std::string(problem.name), description_of(problem)});
  print(table.str(output_width()) + "\nemotrain list problems NAME shows one, as a study may write it.\n");
}
