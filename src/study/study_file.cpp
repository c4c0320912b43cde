#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "emotrain/config/load.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/config/overrides.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/study/study.hpp"
#include "study/embedded.hpp"
#include "study/problem_finder.hpp"
#include "study/search_spaces.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;
using config::Member;
using config::Problem;
using config::Value;

constexpr Index most_seeds = 100'000;

Value::Array* array_in(Value& document, const char* key) {
  if (!std::holds_alternative<Value::Object>(document.data)) return nullptr;
  Member* member = document.find(key);
  return member == nullptr ? nullptr : std::get_if<Value::Array>(&member->value.data);
}

/// A number of seeds stands for 1, 2, ...
void expand_seeds(Value& document, std::vector<Problem>& problems) {
  Member* member = document.find("seeds");
  if (member == nullptr || std::holds_alternative<Value::Array>(member->value.data)) return;
  const auto* number = std::get_if<config::Number>(&member->value.data);
  const Index count = number == nullptr ? 0 : number->integer.value_or(0);
  if (count < 1 || count > most_seeds) {
    problems.push_back({member->value.place, "/seeds", fmt::format("expected how many, 1 to {}, or a list of them", most_seeds)});
  }
  Value::Array seeds;
  for (Index seed = 1; seed <= std::clamp<Index>(count, 1, most_seeds); ++seed) {
    seeds.push_back({member->value.place, config::Number{static_cast<double>(seed), seed}});
  }
  member->value.data = std::move(seeds);
}

/// Puts what they stand for in the place of names.
void find_problems(Value& document, const std::string& file, std::vector<Problem>& problems) {
  Member* member = document.find("problems");
  if (member == nullptr) return;
  auto* named = std::get_if<Value::Array>(&member->value.data);
  if (named == nullptr) {
    problems.push_back({member->value.place, "/problems", "expected a list: names of the zoo, files, or objects"});
    return;
  }
  ProblemFinder finder(file, problems);
  for (std::size_t i = 0; i < named->size(); ++i) (*named)[i] = finder.find((*named)[i], fmt::format("/problems/{}", i));
}

/// Another kind of file is told in one line.
void require_study(const Value& document, const std::string& file) {
  if (!std::holds_alternative<Value::Object>(document.data)) {
    throw config::ConfigError(ErrorKind::usage,
                              {{document.place, "", "expected an object: {\"problems\": [...], \"optimizers\": [...], \"seeds\": 10}"}});
  }
  const auto has = [&](const char* key) { return document.find(key) != nullptr; };
  if (has("optimizers") || has("problems")) return;
  if (has("model") || has("data")) {
    fail(ErrorKind::usage, "{}: is the configuration of a run: train it with emotrain --config, or name it in a study's \"problems\"",
         file);
  }
  if (has("run") || has("function")) fail(ErrorKind::usage, "{}: is a problem: name it in a study's \"problems\"", file);
}

bool begins_character(unsigned char c) { return (c & 0xC0U) != 0x80U; }

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
  Arm arm{.label = {}, .document = given};
  auto* object = std::get_if<Value::Object>(&arm.document.data);
  if (object == nullptr) return arm;
  if (const Member* label = arm.document.find("label")) {
    const auto* text = std::get_if<std::string>(&label->value.data);
    const bool usable = text != nullptr && !text->empty() && config::is_utf8(*text) &&
                        std::ranges::count_if(*text, begins_character) <= 80 &&
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

/// The optimizers of the arms with their published defaults; those that are alike are one.
void add_published(Study& study, std::vector<Problem>& problems) {
  std::vector<std::string> seen;
  const std::size_t written = study.arms.size();
  for (std::size_t i = 0; i < written; ++i) {
    Arm plain{.label = {}, .document = study.arms[i].document, .published = true};
    std::erase_if(std::get<Value::Object>(plain.document.data), [](const Member& member) {
      const bool is_kept = member.key == "name" || (member.key == "edition" && std::holds_alternative<std::string>(member.value.data));
      return !is_kept;
    });
    const Choice choice = read_optimizer(plain.document, fmt::format("/optimizers/{}", i));
    const std::string resolved = choice.name + config::write_options(*choice.options);
    if (std::ranges::find(seen, resolved) != seen.end()) continue;
    seen.push_back(resolved);
    plain.label = default_label(plain.document) + ", defaults";
    const auto taken = [&](const Arm& arm) { return !arm.published && arm.label == plain.label; };
    if (const auto other = std::ranges::find_if(study.arms, taken); other != study.arms.end()) {
      problems.push_back({other->document.place, fmt::format("/optimizers/{}/label", other - study.arms.begin()),
                          fmt::format("{} is what the track untuned calls one of its own; choose another", config::quoted(plain.label))});
    }
    study.arms.push_back(std::move(plain));
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
  std::vector<Arm> written = study.arms;
  std::erase_if(written, [](const Arm& arm) { return arm.published; });
  lines(
      "optimizers", written,
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
      tracks.emplace_back(name_of(track));
    }
  }
}

/// Each track that is asked for has somebody in it.
void require_arms(const Study& study, const Value& document, std::vector<Problem>& problems) {
  const std::vector<std::string>& tracks = study.options.tracks;
  for (std::size_t i = 0; i < tracks.size() && problems.empty(); ++i) {
    const auto track = static_cast<Track>(std::ranges::find(track_names, tracks[i]) - std::begin(track_names));
    if (track == Track::untuned || !study.arms_of(track).empty()) continue;
    const std::string pointer = fmt::format("/tracks/{}", i);
    const char* text = track == Track::tuned ? "no optimizer has a search space: add one, or leave the track out"
                                             : "every optimizer has a search space: add one without, or leave the track out";
    problems.push_back({document.find("tracks")->value.place, pointer, text});
  }
}

}  // namespace

Study load_study(const std::string& file, std::span<const std::string> overrides) {
  std::vector<Problem> problems;
  Value document = config::parse_document(config::read_text(file), file, problems);
  int number = 0;
  for (const std::string& argument : overrides) config::apply_override(document, argument, ++number, problems);
  config::require_none(problems);
  require_study(document, file);

  Study study;
  expand_seeds(document, problems);
  find_problems(document, file, problems);
  config::require_none(problems);
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
  require_arms(study, document, problems);
  config::require_none(problems);
  take_runs(study, document);
  choose_tracks(study);
  if (study.has_track(Track::untuned)) add_published(study, problems);
  config::require_none(problems);
  study.text = study_text(study, document);
  return study;
}

Choice read_optimizer(const Value& document, const std::string& pointer) {
  std::vector<Problem> problems;
  Choice choice = config::read_choice(document, pointer, optim::optimizers(), problems);
  config::require_none(problems);
  return choice;
}

bool Study::has_track(Track track) const { return std::ranges::find(options.tracks, name_of(track)) != options.tracks.end(); }

std::vector<std::size_t> Study::arms_of(Track track) const {
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    const Track its = arms[i].published ? Track::untuned : arms[i].spaces.empty() ? Track::fixed : Track::tuned;
    if (its == track) members.push_back(i);
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
