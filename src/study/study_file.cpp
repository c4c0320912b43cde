#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <tuple>

#include "emotrain/config/load.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/config/overrides.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/study/study.hpp"
#include "study/embedded.hpp"
#include "study/search_spaces.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;
using config::Member;
using config::Problem;
using config::Value;

constexpr Index most_seeds = 100'000;

Value text_value(const config::Place& place, std::string text) { return {.place = place, .data = std::move(text)}; }

void set_front(Value& object, const std::string& key, Value value) {
  auto& members = std::get<Value::Object>(object.data);
  std::erase_if(members, [&](const Member& member) { return member.key == key; });
  const config::Place place = value.place;
  members.insert(members.begin(), {key, place, std::move(value)});
}

Value::Array* array_in(Value& document, const char* key) {
  if (!std::holds_alternative<Value::Object>(document.data)) return nullptr;
  Member* member = document.find(key);
  return member == nullptr ? nullptr : std::get_if<Value::Array>(&member->value.data);
}

/// A number of seeds stands for 1, 2, ...
void expand_seeds(Value& document) {
  if (!std::holds_alternative<Value::Object>(document.data)) return;
  Member* member = document.find("seeds");
  const auto* number = member == nullptr ? nullptr : std::get_if<config::Number>(&member->value.data);
  if (number == nullptr || !number->integer || *number->integer < 1 || *number->integer > most_seeds) return;
  Value::Array seeds;
  for (Index seed = 1; seed <= *number->integer; ++seed) {
    seeds.push_back({member->value.place, config::Number{static_cast<double>(seed), seed}});
  }
  member->value.data = std::move(seeds);
}

/// What a name in the list of problems stands for.
class ProblemFinder {
 public:
  ProblemFinder(const std::string& study_file, std::vector<Problem>& problems)
      : folder_(fs::path(study_file).parent_path()), problems_(problems) {}

  Value find(const Value& named, const std::string& pointer) {
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

 private:
  static Value from_object(Value object, const std::string& name) {
    set_front(object, "name", text_value(object.place, name));
    return object;
  }

  Value from_file(const std::string& name, const Value& named, const std::string& pointer) {
    const fs::path beside = folder_ / name;
    const std::string file = fs::exists(beside) ? beside.string() : name;
    try {
      const Value document = config::read_document(file);
      if (document.find("run") != nullptr || document.find("function") != nullptr) {
        return from_object(document, fs::path(name).stem().string());
      }
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

  fs::path folder_;
  std::vector<Problem>& problems_;
};

std::string default_label(const Value& optimizer) {
  const auto text = [&](const char* key) {
    const Member* member = optimizer.find(key);
    const auto* value = member == nullptr ? nullptr : std::get_if<std::string>(&member->value.data);
    return value == nullptr ? std::string() : *value;
  };
  const std::string edition = text("edition");
  return text("name") + (edition.empty() ? "" : " " + edition);
}

Arm take_arm(const Value& given, const std::string& pointer, std::vector<Problem>& problems) {
  Arm arm{.label = {}, .document = given, .spaces = {}};
  auto* object = std::get_if<Value::Object>(&arm.document.data);
  if (object == nullptr) return arm;
  if (const Member* label = arm.document.find("label")) {
    const auto* text = std::get_if<std::string>(&label->value.data);
    const bool usable = text != nullptr && !text->empty() && config::is_utf8(*text) && text->size() <= 80 &&
                        std::ranges::none_of(*text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (!usable)
      problems.push_back(
          {label->value.place, pointer + "/label", "expected a string of 1 to 80 characters, none of them a control character"});
    if (usable) arm.label = *text;
    std::erase_if(*object, [](const Member& member) { return member.key == "label"; });
  }
  if (arm.label.empty()) arm.label = default_label(arm.document);
  arm.spaces = find_spaces(arm.document, pointer, problems);
  return arm;
}

void keep_name_alone(Value& optimizer) {
  if (auto* object = std::get_if<Value::Object>(&optimizer.data))
    std::erase_if(*object, [](const Member& member) { return member.key != "name"; });
}

void require_unique_labels(const std::vector<Arm>& arms, std::vector<Problem>& problems) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    if (arms[i].label.empty()) continue;
    const auto [first, is_new] = seen.emplace(arms[i].label, i);
    if (is_new) continue;
    problems.push_back(
        {arms[i].document.place, fmt::format("/optimizers/{}", i),
         fmt::format("is called {} as the one at /optimizers/{} is; give it a \"label\"", config::quoted(arms[i].label), first->second)});
  }
}

/// Whether every value of the search spaces is accepted where it stands.
void check_spaces(const std::vector<Arm>& arms, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < arms.size() && problems.empty(); ++i) {
    for (const std::vector<double>& point : probes(arms[i].spaces)) {
      if (!problems.empty()) break;
      config::read_choice(arms[i].at(point), fmt::format("/optimizers/{}", i), optim::optimizers(), problems);
    }
  }
}

std::string study_text(const Study& study, const Value& document) {
  std::string text = "{\n  \"name\": " + config::string_literal(study.options.name) + ",\n";
  const auto lines = [&](const char* key, const auto& list, auto&& of, const char* separator) {
    std::string rows;
    for (const auto& element : list) rows += (rows.empty() ? "" : separator) + of(element);
    text += fmt::format("  \"{}\": [{}],\n", key, rows);
  };
  const Value& problems = document.find("problems")->value;
  lines(
      "problems", std::get<Value::Array>(problems.data), [](const Value& value) { return "\n    " + config::json_text(value); }, ",");
  lines(
      "optimizers", study.arms,
      [](const Arm& arm) {
        Value value = arm.document;
        set_front(value, "label", text_value({}, arm.label));
        return "\n    " + config::json_text(value);
      },
      ",");
  lines(
      "seeds", study.options.seeds, [](Index seed) { return fmt::to_string(seed); }, ", ");
  lines(
      "tracks", study.options.tracks, [](const std::string& track) { return config::string_literal(track); }, ", ");
  const BudgetOptions& budget = study.options.budget;
  return text + fmt::format("  \"budget\": {{\"trials\": {}, \"tuning_seeds\": {}, \"steps\": {}}}\n}}\n", budget.trials,
                            budget.tuning_seeds, budget.steps);
}

/// The configurations of the runs, each with its loss.
void take_runs(Study& study, Value& document) {
  Value::Array& problems = *array_in(document, "problems");
  for (std::size_t i = 0; i < problems.size(); ++i) {
    Member* member = problems[i].find("run");
    if (member == nullptr || study.problem(i).run.value == nullptr) {
      study.runs.emplace_back();
      continue;
    }
    Value& run = member->value;
    if (run.find("loss") == nullptr) {
      Value loss{run.place, Value::Object{}};
      set_front(loss, "name", text_value(run.place, config::usual_loss(*study.problem(i).run.value->model.options)));
      set_front(run, "loss", std::move(loss));
    }
    study.runs.push_back(run);
  }
}

void choose_tracks(Study& study) {
  std::vector<std::string>& tracks = study.options.tracks;
  if (!tracks.empty()) return;
  for (const Track track : {Track::fixed, Track::tuned}) {
    const bool tuned = track == Track::tuned;
    if (std::ranges::any_of(study.arms, [&](const Arm& arm) { return arm.spaces.empty() != tuned; })) {
      tracks.emplace_back(track_names[static_cast<std::size_t>(track)]);
    }
  }
}

/// In the order of the file, and what comes from elsewhere behind.
void sort_by_place(std::vector<Problem>& problems) {
  std::ranges::stable_sort(
      problems, {}, [](const Problem& problem) { return std::tuple(problem.place.line == 0, problem.place.line, problem.place.column); });
}

void require(std::vector<Problem>& problems) {
  if (problems.empty()) return;
  sort_by_place(problems);
  throw config::ConfigError(ErrorKind::usage, std::move(problems));
}

}  // namespace

Study load_study(const std::string& file, std::span<const std::string> overrides) {
  std::vector<Problem> problems;
  Value document = config::parse_document(config::read_text(file), file, problems);
  int number = 0;
  for (const std::string& argument : overrides) config::apply_override(document, argument, ++number, problems);
  require(problems);

  Study study;
  expand_seeds(document);
  ProblemFinder finder(file, problems);
  if (Value::Array* named = array_in(document, "problems")) {
    for (std::size_t i = 0; i < named->size(); ++i) (*named)[i] = finder.find((*named)[i], fmt::format("/problems/{}", i));
  }
  require(problems);
  if (Value::Array* optimizers = array_in(document, "optimizers")) {
    for (std::size_t i = 0; i < optimizers->size(); ++i) {
      const std::size_t before = problems.size();
      const Arm& arm = study.arms.emplace_back(take_arm((*optimizers)[i], fmt::format("/optimizers/{}", i), problems));
      (*optimizers)[i] = arm.at(std::vector<double>(arm.spaces.size(), 0.0));
      // What stands in the place of a value there is told already.
      if (problems.size() > before) keep_name_alone((*optimizers)[i]);
    }
  }
  for (Problem& problem : config::read_options(document, study.options)) problems.push_back(std::move(problem));
  require_unique_labels(study.arms, problems);
  check_spaces(study.arms, problems);
  require(problems);
  take_runs(study, document);
  choose_tracks(study);
  study.text = study_text(study, document);
  return study;
}

Choice read_optimizer(const Value& document, const std::string& pointer) {
  std::vector<Problem> problems;
  Choice choice = config::read_choice(document, pointer, optim::optimizers(), problems);
  require(problems);
  return choice;
}

bool Study::has_track(Track track) const {
  return std::ranges::find(options.tracks, track_names[static_cast<std::size_t>(track)]) != options.tracks.end();
}

config::Value Study::published(std::size_t arm) const {
  Value plain = arms[arm].document;
  std::erase_if(std::get<Value::Object>(plain.data), [](const Member& member) { return member.key != "name" && member.key != "edition"; });
  return plain;
}

std::vector<std::size_t> Study::arms_of(Track track) const {
  std::vector<std::size_t> members;
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    const bool tuned = !arms[i].spaces.empty();
    if (track == Track::untuned) {
      const std::string text = config::json_text(published(i));
      if (std::ranges::find(seen, text) != seen.end()) continue;
      seen.push_back(text);
    } else if (tuned != (track == Track::tuned)) {
      continue;
    }
    members.push_back(i);
  }
  return members;
}

std::span<const ZooEntry> zoo() {
  static const std::vector<ZooEntry> entries = [] {
    std::vector<ZooEntry> all;
    for (const Embedded& problem : embedded_problems()) all.push_back({problem.name, problem.text});
    return all;
  }();
  return entries;
}

}  // namespace emotrain::study
