#include "study/problem_finder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emotrain/config/load.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;
using config::Member;
using config::Value;

Value from_object(Value object, const std::string& name) {
  set_front(object, "name", text_value(object.place, name));
  return object;
}

}  // namespace

Value text_value(const config::Place& place, std::string text) { return {.place = place, .data = std::move(text)}; }

void set_front(Value& object, const std::string& key, Value value) {
  auto& members = std::get<Value::Object>(object.data);
  std::erase_if(members, [&](const Member& member) { return member.key == key; });
  const config::Place place = value.place;
  members.insert(members.begin(), {key, place, std::move(value)});
}

ProblemFinder::ProblemFinder(const std::string& study_file, std::vector<config::Problem>& problems)
    : folder_(fs::path(study_file).parent_path()), problems_(problems) {}

Value ProblemFinder::find(const Value& named, const std::string& pointer) {
  const auto* name = std::get_if<std::string>(&named.data);
  if (name == nullptr) return named;
  const auto entry = std::ranges::find(zoo(), *name, &ZooEntry::name);
  if (entry != zoo().end()) return from_object(config::parse_document(std::string(entry->text), "problem " + *name), *name);
  if (name->ends_with(".json")) return from_file(*name, named, pointer);
  std::vector<std::string> names;
  for (const ZooEntry& known : zoo()) names.emplace_back(known.name);
  const auto near = config::nearest(*name, names);
  problems_.push_back({named.place, pointer,
                       fmt::format("there is no problem {}{}; there are {}, and files that end in .json", config::quoted(*name),
                                   near ? "; did you mean " + config::quoted(*near) + "?" : "", config::listed(names))});
  return named;
}

Value ProblemFinder::from_file(const std::string& name, const Value& named, const std::string& pointer) {
  const fs::path beside = folder_ / name;
  std::error_code ignored;
  const std::string file = fs::exists(beside, ignored) ? beside.string() : name;
  try {
    const Value document = config::read_document(file);
    if (document.find("run") != nullptr || document.find("function") != nullptr) {
      return from_object(document, fs::path(name).stem().string());
    }
    if (document.find("optimizers") != nullptr) fail(ErrorKind::usage, "{}: is a study, not a problem; leave it out", file);
    const config::LoadedConfig loaded = config::load_run_config(file);
    Value problem{named.place, Value::Object{}};
    set_front(problem, "run", config::parse_document(config::write_options(loaded.config), file));
    return from_object(std::move(problem), loaded.config.name);
  } catch (const config::ConfigError& error) {
    problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
  } catch (const Error& error) {
    problems_.push_back({named.place, pointer, error.what()});
  }
  return named;
}

}  // namespace emotrain::study
