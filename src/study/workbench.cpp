#include "emotrain/study/workbench.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "emotrain/config/options_reader.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/train/extra_metrics.hpp"
#include "emotrain/train/trainer.hpp"
#include "study/own_scalars.hpp"

namespace emotrain::study {
namespace {

using config::Value;

constexpr double untuned_steps = 1.5;
/// Steps that tell how long a run takes; the first of them fill caches.
constexpr Index rehearsed_steps = 5;
constexpr Index most_path_points = 400;
/// Of a step of a function, about.
constexpr double function_step_seconds = 1e-6;

Index scaled(Index steps, double factor) { return std::max<Index>(1, std::llround(static_cast<double>(steps) * factor)); }

void set_member(Value& object, const std::string& key, Value value) {
  if (config::Member* member = object.find(key)) {
    member->value = std::move(value);
  } else {
    const config::Place place = value.place;
    std::get<Value::Object>(object.data).push_back({key, place, std::move(value)});
  }
}

Value constant_schedule(const config::Place& place) {
  Value schedule{place, Value::Object{}};
  set_member(schedule, "name", {place, std::string("constant")});
  return schedule;
}

/// Mean time of a training step.
double rehearse(train::Trainer& trainer) {
  using Clock = std::chrono::steady_clock;
  const Index steps = std::min(rehearsed_steps, trainer.steps());
  Clock::time_point begin = Clock::now();
  for (Index i = 0; i < steps; ++i) {
    if (i == 1) begin = Clock::now();
    trainer.step();
  }
  return std::chrono::duration<double>(Clock::now() - begin).count() / static_cast<double>(std::max<Index>(1, steps - 1));
}

/// That there is what metric, target and tuning look at.
void require_samples(const ProblemOptions& problem, const data::Splits& splits, nn::Task task, bool is_tuned) {
  const std::string metric = problem.metric.value_or("");
  const char* remedy = "raise data.validation_fraction";
  if (splits.validation.empty()) {
    if (is_tuned) fail(ErrorKind::usage, "/data: there are no validation samples to tune on: {}", remedy);
    if (problem.target) fail(ErrorKind::usage, "/data: there are no validation samples to reach the target on: {}", remedy);
    if (metric.starts_with("eval_")) fail(ErrorKind::usage, "/data: there are no validation samples for {}: {}", metric, remedy);
  }
  const bool has_test = splits.test_set != nullptr && !splits.test.empty();
  if (metric.empty() && !has_test && splits.validation.empty()) {
    fail(ErrorKind::usage, "/data: there are neither test nor validation samples to compare on: raise data.test_fraction");
  }
  if (metric.starts_with("test_") && !has_test)
    fail(ErrorKind::usage, "/data: there are no test samples for {}: raise data.test_fraction", metric);
  if (metric.ends_with("_error") && task != nn::Task::classification) {
    fail(ErrorKind::usage, "/model: only classifiers have {}: choose another metric", metric);
  }
}

/// That runs measure the metric.
void require_measured(const std::string& metric, const train::RunConfig& config, const Shape& sample) {
  const std::string name(train::extra_metric_of(metric));
  if (name.empty()) return;
  if (std::ranges::find(config.trainer.extra_metrics, name) == config.trainer.extra_metrics.end())
    fail(ErrorKind::usage, "/trainer/extra_metrics: the metric {} takes {}: add it, or choose another metric", metric, name);
  if (name == "components" && metric.back() - '0' > sample.size())
    fail(ErrorKind::usage, "/data: samples of {} values have no {}: choose another metric", sample.size(), metric);
}

}  // namespace

Workbench::Workbench(const Study& study) : study_(study), problems_(study.problems()) {
  std::map<std::string, data::Splits> known;
  for (std::size_t i = 0; i < study.problems(); ++i) {
    load(i, known);
    check(i);
  }
}

void Workbench::load(std::size_t problem, std::map<std::string, data::Splits>& known) {
  const ProblemOptions& options = study_.problem(problem);
  Loaded& loaded = problems_[problem];
  if (options.function) {
    loaded.steps = scaled(*options.steps, study_.options.budget.steps);
    loaded.seconds = static_cast<double>(loaded.steps) * function_step_seconds;
    return;
  }
  try {
    // Whatever the optimizer: a step of plain descent at no rate harms nothing.
    Value descent{study_.runs[problem].place, Value::Object{}};
    set_member(descent, "name", {descent.place, std::string("sgd")});
    set_member(descent, "lr", {descent.place, config::Number{0, Index{0}}});
    const train::RunConfig config = configure(problem, Track::fixed, 0, descent);
    const std::string data = config::json_text(study_.runs[problem].find("data")->value);
    const auto [entry, is_new] = known.try_emplace(data);
    if (is_new) entry->second = train::load_data(config);
    loaded.splits = entry->second;
    train::Trainer trainer(config, loaded.splits);
    require_samples(options, loaded.splits, trainer.model().task(), study_.has_track(Track::tuned));
    require_measured(options.metric.value_or(""), config, loaded.splits.training_set->sample_shape);
    loaded.steps = scaled(trainer.steps(), study_.options.budget.steps);
    loaded.seconds = rehearse(trainer) * static_cast<double>(loaded.steps);
  } catch (const config::ConfigError&) {
    throw;
  } catch (const Error& error) {
    const std::string pointer = error.kind() == ErrorKind::usage ? fmt::format("/problems/{}/run", problem) : std::string();
    fail(error.kind(), "the problem {}: {}{}", options.name, pointer, error.what());
  }
}

/// What `action` makes of the job, which lives as long.
template <class Action>
auto Workbench::with_function(const JobKey& key, const Value& optimizer, Action&& action) const {
  const Choice with = read_optimizer(optimizer, fmt::format("/optimizers/{}", key.arm));
  const Choice schedule = optim::schedulers().choose("constant");
  return action(FunctionJob{*nn::find_function(*study_.problem(key.problem).function), with, schedule, steps(key.problem, key.track),
                            static_cast<std::uint64_t>(key.seed)});
}

void Workbench::check(std::size_t problem) const {
  for (const Track track : {Track::fixed, Track::untuned, Track::tuned}) {
    if (!study_.has_track(track)) continue;
    for (const std::size_t arm : study_.arms_of(track)) {
      const std::vector<double> middle(study_.arms[arm].spaces.size(), 0.5);
      check_optimizer({track, problem, arm, std::nullopt, study_.options.seeds.front()}, study_.arms[arm].at(middle));
    }
  }
}

void Workbench::check_optimizer(const JobKey& key, const Value& optimizer) const {
  const ProblemOptions& options = study_.problem(key.problem);
  try {
    if (options.function) {
      return with_function(key, optimizer, [](const FunctionJob& job) { check_job(job); });
    }
    const train::RunConfig config = configure(key.problem, key.track, key.seed, optimizer);
    const std::vector<double> scalars(wants_own_scalars(config.optimizer) ? 1 : 0);
    const train::Trainer trainer(config, problems_[key.problem].splits, scalars);
  } catch (const config::ConfigError&) {
    throw;
  } catch (const Error& error) {
    fail(error.kind(), "the problem {} with {}: {}", options.name, study_.arms[key.arm].label, error.what());
  }
}

Index Workbench::steps(std::size_t problem, Track track) const {
  return track == Track::untuned ? scaled(problems_[problem].steps, untuned_steps) : problems_[problem].steps;
}

train::RunConfig Workbench::configure(std::size_t problem, Track track, Index seed, const Value& optimizer) const {
  Value document = study_.runs[problem];
  set_member(document, "optimizer", optimizer);
  if (track == Track::untuned) set_member(document, "scheduler", constant_schedule(document.place));
  train::RunConfig config;
  if (std::vector<config::Problem> wrong = config::read_options(document, config); !wrong.empty()) {
    throw config::ConfigError(ErrorKind::usage, std::move(wrong));
  }
  config.seed = seed;
  // Nobody looks at them.
  config.trainer.detail_steps = 0;
  if (problems_[problem].steps > 0) config.trainer.max_steps = steps(problem, track);
  return config;
}

JobRecord Workbench::run(const JobKey& key, const Value& optimizer, const JobSettings& settings) const {
  const ProblemOptions& options = study_.problem(key.problem);
  try {
    if (!options.function) return run_job(configure(key.problem, key.track, key.seed, optimizer), problems_[key.problem].splits, settings);
    JobSettings kept = settings;
    // Pictures show the first seed.
    if (!key.trial && key.seed == study_.options.seeds.front()) kept.path_points = most_path_points;
    return with_function(key, optimizer, [&](const FunctionJob& job) { return run_job(job, kept); });
  } catch (const Error& error) {
    JobRecord record;
    record.divergence = error.what();
    return record;
  }
}

}  // namespace emotrain::study
