#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "emotrain/config/document.hpp"
#include "emotrain/core/options.hpp"
#include "emotrain/train/run_config.hpp"

/// A study compares optimizers on problems, over seeds: what `emotrain compare --config study.json` does.
///
///     {"name": "small", "problems": ["digits_mlp", "my_run.json"], "seeds": 10, "budget": {"trials": 16}, "optimizers": [
///       {"name": "adamw", "lr": 1e-3},
///       {"name": "emonavi", "use_shadow": false, "label": "emonavi without shadow"},
///       {"name": "lion", "lr": {"log_uniform": [1e-5, 1e-2]}, "weight_decay": {"choice": [0, 0.1]}}]}
///
/// An optimizer is written as in a run, with a label if two would have the same; one with a search space in place of a number is tuned.
namespace emotrain::study {

/// How an optimizer gets its values.
enum class Track {
  fixed,    ///< as written; optimizers without a search space take part
  untuned,  ///< its published defaults, a constant learning rate, 1.5 times the steps; those that are then alike are one
  tuned,    ///< the best of `budget.trials` points of its search space by the validation score, on seeds that are not reported
};
inline constexpr const char* track_names[] = {"fixed", "untuned", "tuned"};
inline const char* name_of(Track track) { return track_names[static_cast<std::size_t>(track)]; }

/// A validation loss (of a function: a value) to reach, fixed before the study.
struct TargetOptions final : Options {
  double value = 0;
  /// How it was set.
  std::optional<std::string> how;

  void fields(FieldVisitor& visitor) override;
};

/// The section `run` of a problem: absent for functions.
struct OptionalRun final : OptionalOptions {
  std::unique_ptr<train::RunConfig> value;

  Options* get() noexcept override { return value.get(); }
  Options& emplace() override;
  void reset() noexcept override { value.reset(); }
  std::unique_ptr<Options> sample() const override { return std::make_unique<train::RunConfig>(); }
};

struct ProblemOptions final : Options {
  std::string name;
  std::optional<std::string> description;
  /// What is compared, less is better: test_error (1 - test_accuracy), test_loss, eval_error, eval_loss, a function's value, or a metric
  /// that the run's trainer.extra_metrics bring (train/extra_metrics.hpp). Absent: the first of the former that its runs have.
  std::optional<std::string> metric;
  Maybe<TargetOptions> target;
  /// A run's configuration; its optimizer and seed are the study's.
  OptionalRun run;
  /// Or a function to minimize (function.hpp), with its steps.
  std::optional<std::string> function;
  std::optional<Index> steps;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
};

struct BudgetOptions final : Options {
  Index trials = 16;
  /// Seeds of each trial; its score is the mean over them.
  Index tuning_seeds = 1;
  /// Factor on the steps of each problem.
  double steps = 1;

  void fields(FieldVisitor& visitor) override;
};

struct StudyOptions final : Options {
  std::optional<std::string> schema;
  Index schema_version = 1;
  std::string name = "study";
  ListOf<ProblemOptions> problems;
  std::vector<Choice> optimizers;
  std::vector<Index> seeds;
  /// Empty: fixed and tuned, as far as the optimizers take part in them.
  std::vector<std::string> tracks;
  BudgetOptions budget;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
};

/// What stands in place of a value: {"log_uniform": [1e-4, 1e-1]}, {"uniform": [0.8, 0.99]} or {"choice": [...]}.
struct SearchSpace {
  enum class Kind { log_uniform, uniform, choice } kind = Kind::choice;
  /// Keys from the optimizer's object on.
  std::vector<std::string> path;
  double low = 0;
  double high = 0;
  std::vector<config::Value> choices;

  /// `lr`, `emotion.gain`.
  std::string name() const;
  /// u in [0, 1).
  config::Value at(double u) const;
  /// Whether a value of it lies in the outer tenth of its range, on its own scale. Never of a choice.
  bool at_edge(double u) const;
};

/// One of the optimizers that are compared.
struct Arm {
  std::string label;
  /// As written, without the label; search spaces in their places.
  config::Value document;
  std::vector<SearchSpace> spaces = {};
  /// Made for the track untuned: name and edition alone.
  bool published = false;

  /// With each space replaced by its value at point[i].
  config::Value at(std::span<const double> point) const;
};

struct Study {
  StudyOptions options;
  /// Those that are written, then, for the track untuned, one for each of the optimizers among them.
  std::vector<Arm> arms;
  /// Beside options.problems: the run's configuration as written; empty for functions.
  std::vector<config::Value> runs;
  /// The whole study with every problem in it, as JSON that load_study reads to the same: study.json.
  std::string text;

  std::size_t problems() const { return options.problems.values.size(); }
  const ProblemOptions& problem(std::size_t i) const { return options.problems.values[i]; }
  bool has_track(Track track) const;
  /// The numbers of the arms that take part.
  std::vector<std::size_t> arms_of(Track track) const;
};

/// Reads a study, with `key=value` arguments as for a run. Problems are names of the zoo, configurations of runs (paths from the study's
/// folder, or from here) or objects. Throws ConfigError{usage} with all that is wrong, as config::load_run_config does; Error{missing, io}.
Study load_study(const std::string& file, std::span<const std::string> overrides = {});

/// A JSON Schema of studies, as config::run_config_schema; docs/study.schema.json.
std::string study_schema();

/// The optimizer that a document describes. Throws ConfigError{usage}.
Choice read_optimizer(const config::Value& document, const std::string& pointer);

/// A problem that comes with the program: an object as in a study.
struct ZooEntry {
  std::string_view name;
  std::string_view text;
};
/// By name.
std::span<const ZooEntry> zoo();

}  // namespace emotrain::study
