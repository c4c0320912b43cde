#include <algorithm>
#include <set>

#include "emotrain/core/error.hpp"
#include "emotrain/nn/function.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/study/study.hpp"
#include "emotrain/train/run_config.hpp"

namespace emotrain::study {
namespace {

constexpr const char* metrics[] = {"test_error",       "test_loss",        "eval_error",       "eval_loss",        "value",
                                   "test_band_1",      "test_band_2",      "test_band_3",      "test_band_4",      "test_component_1",
                                   "test_component_2", "test_component_3", "test_component_4", "test_component_5", "test_component_6",
                                   "test_component_7", "test_component_8", "test_delta_e",     "test_delta_ab",    "eval_band_1",
                                   "eval_band_2",      "eval_band_3",      "eval_band_4",      "eval_component_1", "eval_component_2",
                                   "eval_component_3", "eval_component_4", "eval_component_5", "eval_component_6", "eval_component_7",
                                   "eval_component_8", "eval_delta_e",     "eval_delta_ab",    "eval_gap"};
constexpr Range count{.min = 1, .max = 1e9};
/// More trials than anybody waits for, and the points that Sobol's sequence is made for.
constexpr double most_trials = 4096;

}  // namespace

Options& OptionalRun::emplace() {
  if (!value) value = std::make_unique<train::RunConfig>();
  return *value;
}

void TargetOptions::fields(FieldVisitor& visitor) {
  visitor.field({"value", "validation loss (of a function: value) to reach"}, value);
  visitor.field({"how", "how it was set, before the study"}, how);
}

void ProblemOptions::fields(FieldVisitor& visitor) {
  visitor.field({"name", "what reports call it"}, name);
  visitor.field({"description", "in one line"}, description);
  visitor.field(
      {"metric", "what is compared; less is better. test_error is 1 - test_accuracy; absent: the first that its runs have", {}, metrics},
      metric);
  visitor.field({"target", "what steps-to-target counts to"}, target);
  visitor.field({"run", "configuration of a run; optimizer and seed are the study's"}, run);
  visitor.field({"function", "or a function to minimize"}, function);
  visitor.field({"steps", "of a function", count}, steps);
}

void ProblemOptions::check() const {
  train::check_plain_name(name);
  if (run.value != nullptr && function) fail(ErrorKind::usage, "function: there is a run too; remove one of them");
  if (run.value == nullptr && !function) fail(ErrorKind::usage, "run: is missing; give the configuration of a run, or a function");
  if (function && metric && *metric != "value") fail(ErrorKind::usage, "metric: a function has its value alone; remove it");
  if (!function && metric == "value") fail(ErrorKind::usage, "metric: only a function has a value; choose test_error or test_loss");
  if (!function) {
    if (steps) fail(ErrorKind::usage, "steps: is for functions; give run.trainer.max_steps");
    return;
  }
  std::string names;
  for (const char* known : nn::function_names()) names += (names.empty() ? "" : ", ") + std::string(known);
  if (nn::find_function(*function) == nullptr) fail(ErrorKind::usage, "function: there is no function {}; there are {}", *function, names);
  if (!steps) fail(ErrorKind::usage, "steps: is missing; say how many steps minimize the function");
}

void BudgetOptions::fields(FieldVisitor& visitor) {
  visitor.field({"trials", "points of its search space that each optimizer tries, on each problem", {.min = 1, .max = most_trials}},
                trials);
  visitor.field({"tuning_seeds", "seeds of a trial, none of them a reported one", {.min = 1, .max = 1000}}, tuning_seeds);
  visitor.field({"steps", "factor on the steps of every problem", {.max = 1000, .above = 0}}, steps);
}

void StudyOptions::fields(FieldVisitor& visitor) {
  visitor.field({.key = "$schema", .doc = "JSON Schema of this file, for editors; ignored", .written_if_given = true}, schema);
  visitor.field({"schema_version", "what the keys mean; there is one version", {.min = 1, .max = 1}}, schema_version);
  visitor.field({"name", "names the study's directory: studies/<name>"}, name);
  visitor.field({"problems", "names of the zoo (emotrain list problems), configurations of runs, or objects"}, problems);
  visitor.field({"optimizers", "as in a run; search spaces in place of values, a label where two have the same name"}, optimizers,
                optim::optimizers());
  visitor.field({"seeds", "how many, or a list of them", {.min = 0, .max = 999'999}}, seeds);
  visitor.field({"tracks", "fixed, untuned, tuned; absent: fixed and tuned, as far as optimizers take part"}, tracks);
  visitor.field({"budget", "how much is tried"}, budget);
}

void StudyOptions::check() const {
  if (problems.values.empty()) fail(ErrorKind::usage, "problems: there is none; name one of those that emotrain list problems shows");
  if (optimizers.empty()) fail(ErrorKind::usage, "optimizers: there is none; add {{\"name\": ...}}");
  if (seeds.empty()) fail(ErrorKind::usage, "seeds: there is none; give their number (8 or more can tell optimizers apart)");
  if (std::set<Index>(seeds.begin(), seeds.end()).size() != seeds.size()) fail(ErrorKind::usage, "seeds: one is given twice; remove it");
  for (const std::string& track : tracks) {
    if (std::ranges::find(track_names, track) == std::end(track_names)) {
      fail(ErrorKind::usage, "tracks: there is no track \"{}\"; there are fixed, untuned, tuned", track);
    }
  }
  if (std::set<std::string>(tracks.begin(), tracks.end()).size() != tracks.size())
    fail(ErrorKind::usage, "tracks: one is given twice; remove it");
  std::set<std::string> names;
  for (const ProblemOptions& problem : problems.values) {
    if (!names.insert(problem.name).second) fail(ErrorKind::usage, "problems: two are called {}; give one another name", problem.name);
  }
  train::check_plain_name(name);
}

}  // namespace emotrain::study
