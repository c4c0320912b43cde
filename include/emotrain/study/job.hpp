#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/data/dataset.hpp"
#include "emotrain/nn/function.hpp"
#include "emotrain/report/records.hpp"
#include "emotrain/study/trajectory.hpp"
#include "emotrain/train/run_config.hpp"

/// A job is one training of a study: in memory, on the calling thread, without files. Jobs of the same seed start from the same weights (or
/// the same point) and see the same batches (the same noise) in the same order, whatever their optimizers are. Several may run at once,
/// each on a thread of its own, once set_threads(1) has been called.
namespace emotrain::study {

/// The value of emotion.record that stands for the job's own run (run_job).
inline constexpr const char* own_record = "self";

/// What a job says of a stretch of its steps.
struct Stretch {
  /// Its last step.
  Index step = 0;
  /// Mean of the losses of its steps.
  double loss = 0;
  /// The validation loss (of a function: its value, without noise) after its last step.
  std::optional<double> validation = std::nullopt;
  /// Means over its steps, of optimizers with an emotion; the shadow's distance after its last step.
  std::optional<double> scalar = std::nullopt;
  std::optional<double> ratio = std::nullopt;
  std::optional<double> drive = std::nullopt;
  std::optional<double> shadow_distance = std::nullopt;
};

struct JobRecord {
  /// Why it ended early: a loss or gradient that was not finite; empty: it did all its steps.
  std::string divergence;
  Index steps = 0;
  std::vector<Stretch> stretches;
  /// Of a function of two coordinates, where it was asked for: the way of the point, from the start to the end, and of the shadow.
  std::vector<Point> path, shadow_path;
  /// eval_*, test_* of a training; `value` of a function. Empty if it diverged.
  std::vector<report::Metric> metrics;
  /// Bytes of the optimizer's state tensors for each parameter.
  double state_bytes = 0;
  /// Wall time of the steps alone, and of the whole job.
  double step_seconds = 0;
  double seconds = 0;

  /// A metric of that name, test_error for 1 - test_accuracy; infinite if the job diverged or the metric is NaN, for it never vanishes.
  /// None if jobs like this have no such metric.
  std::optional<double> find_metric(const std::string& name) const;
  /// Throws Error{data} if there is none.
  double metric(const std::string& name) const;
  /// The first step at whose end a stretch's validation was `target` or less.
  std::optional<Index> steps_to(double target) const;
};

/// A job ended before its time because it was asked to; nothing is recorded of it.
struct JobInterrupted {};

struct JobSettings {
  /// Parts of equal length that the record tells of.
  Index stretches = 20;
  /// Points that the record keeps of a function's path, at most; 0: none.
  Index path_points = 0;
  /// Asked before each step; true: JobInterrupted is thrown.
  std::function<bool()> interrupted = {};
};

/// Trains as the configuration says, on data that was loaded for it. An emotion whose source is random or shuffled and whose `record` is
/// "self" gets the scalars of a run of the same configuration with the source `loss`, which goes before. Throws Error{usage} as
/// train::Trainer does.
JobRecord run_job(const train::RunConfig& config, const data::Splits& splits, const JobSettings& settings);

/// Minimizes a function with an optimizer and a schedule of the learning rate over so many steps.
struct FunctionJob {
  const nn::Function& function;
  const Choice& optimizer;
  const Choice& scheduler;
  Index steps = 0;
  std::uint64_t seed = 0;
  /// Draws the noise; absent: seed does. For a comparison of an optimizer with itself.
  std::optional<std::uint64_t> noise_seed = std::nullopt;
};
JobRecord run_job(const FunctionJob& job, const JobSettings& settings);
/// Throws what run_job would before its first step.
void check_job(const FunctionJob& job);

}  // namespace emotrain::study
