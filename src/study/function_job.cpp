#include <chrono>
#include <cmath>

#include "emotrain/core/error.hpp"
#include "emotrain/nn/losses.hpp"
#include "emotrain/nn/models.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/study/job.hpp"
#include "emotrain/train/training_step.hpp"
#include "study/own_scalars.hpp"
#include "study/state_bytes.hpp"
#include "study/stretches.hpp"

namespace emotrain::study {
namespace {

using Clock = std::chrono::steady_clock;

class Minimization {
 public:
  explicit Minimization(const FunctionJob& job, std::vector<double> recorded_scalars = {})
      : function_(job.function),
        options_(dynamic_cast<const optim::OptimizerOptions&>(*job.optimizer.options)),
        model_(build_model(job)),
        x_(train::parameters_of(*model_).front()),
        optimizer_(options_.build({x_}, {.names = {"x"}, .seed = job.seed, .recorded_scalars = std::move(recorded_scalars)})),
        schedule_(dynamic_cast<const optim::SchedulerOptions&>(*job.scheduler.options).build(options_.lr, job.steps)),
        step_(*model_, loss_, *optimizer_, {.seed = job.noise_seed.value_or(job.seed), .on_nonfinite = OnNonfinite::warn}) {}

  /// The function where the optimizer's evaluation weights are.
  double value() {
    const optim::EvaluationWeights guard(*optimizer_);
    const std::vector<double> point(x_.values().begin(), x_.values().end());
    return function_.value(point);
  }

  report::StepRecord step(Index number) {
    const train::TrainingStep::Work work{
        .step = number, .update = number, .learning_rate = schedule_->learning_rate(number), .first_batch = number - 1};
    return step_.run(work, [&](Index) { return nn::Batch{}; });
  }

  double optimizer_bytes() const { return state_bytes(*optimizer_); }
  std::span<const Real> point() const { return x_.values(); }
  /// Empty: there is none, or none yet.
  std::span<const Real> shadow() const {
    for (const optim::StateSlot& slot : optimizer_->state()) {
      if (slot.name == "shadow") return slot.value.values();
    }
    return {};
  }

 private:
  using OnNonfinite = train::TrainingStep::Options::OnNonfinite;

  static std::unique_ptr<nn::Model> build_model(const FunctionJob& job) {
    nn::FunctionOptions options;
    options.function = job.function.name;
    return options.build({}, 0, job.seed);
  }

  const nn::Function& function_;
  const optim::OptimizerOptions& options_;
  nn::ValueOptions loss_;
  std::unique_ptr<nn::Model> model_;
  Tensor x_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  std::unique_ptr<optim::Schedule> schedule_;
  train::TrainingStep step_;
};

/// Keeps points at equal distances in steps: of the start, then of each `stride` steps, and of the last one.
class PathKeeper {
 public:
  PathKeeper(const Minimization& minimization, Index steps, Index most, JobRecord& record)
      : minimization_(minimization), stride_(most > 2 ? (steps + most - 3) / (most - 2) : 0), steps_(steps), record_(record) {
    if (minimization.point().size() != 2) stride_ = 0;
    add(0);
  }

  void add(Index step) {
    if (stride_ == 0 || (step % stride_ != 0 && step != steps_)) return;
    append(minimization_.point(), record_.path);
    append(minimization_.shadow(), record_.shadow_path);
  }

 private:
  /// Rounded: a picture shows no more, and records stay short.
  static void append(std::span<const Real> at, std::vector<Point>& path) {
    const auto rounded = [](Real x) { return std::round(double{x} * 1e4) / 1e4; };
    if (at.size() == 2 && std::isfinite(at[0]) && std::isfinite(at[1])) path.push_back({rounded(at[0]), rounded(at[1])});
  }

  const Minimization& minimization_;
  Index stride_;
  Index steps_;
  JobRecord& record_;
};

bool is_finite(const report::StepRecord& step) { return std::isfinite(step.loss) && std::isfinite(step.grad_norm); }

/// As those of a training.
std::vector<double> scalars_of(const FunctionJob& job, const JobSettings& settings) {
  const FeelingTheLoss guard(job.optimizer);
  Minimization minimization(job);
  std::vector<double> scalars;
  for (Index number = 1; number <= job.steps; ++number) {
    if (settings.interrupted && settings.interrupted()) throw JobInterrupted{};
    const report::StepRecord step = minimization.step(number);
    scalars.push_back(step.emotion.value().scalar);
    if (!is_finite(step)) break;
  }
  return scalars;
}

void minimize(Minimization& minimization, const FunctionJob& job, const JobSettings& settings, JobRecord& record) {
  Stretches parts(job.steps, settings.stretches, record.stretches);
  PathKeeper path(minimization, job.steps, settings.path_points, record);
  for (Index number = 1; number <= job.steps; ++number) {
    if (settings.interrupted && settings.interrupted()) throw JobInterrupted{};
    const Clock::time_point begin = Clock::now();
    const report::StepRecord step = minimization.step(number);
    record.step_seconds += std::chrono::duration<double>(Clock::now() - begin).count();
    if (!is_finite(step)) {
      record.divergence = fmt::format("step {}: the loss is {}, the gradient's norm {}", number, step.loss, step.grad_norm);
      return;
    }
    record.steps = number;
    path.add(number);
    if (parts.add(step)) record.stretches.back().validation = minimization.value();
  }
  record.state_bytes = minimization.optimizer_bytes();
  const double value = minimization.value();
  if (std::isfinite(value)) {
    record.metrics.push_back({"value", value});
  } else {
    record.divergence = fmt::format("after step {} the value is {}", job.steps, value);
  }
}

}  // namespace

void check_job(const FunctionJob& job) {
  const auto& emotion = dynamic_cast<const optim::OptimizerOptions&>(*job.optimizer.options).emotion;
  if (emotion && emotion->record && !wants_own_scalars(job.optimizer)) {
    fail(ErrorKind::usage, "/optimizer/emotion/record: of a function there is only its own run; write \"self\"");
  }
  const Minimization minimization(job, {0.0});
}

JobRecord run_job(const FunctionJob& job, const JobSettings& settings) {
  const Clock::time_point begin = Clock::now();
  Minimization minimization(job, wants_own_scalars(job.optimizer) ? scalars_of(job, settings) : std::vector<double>());
  JobRecord record;
  minimize(minimization, job, settings, record);
  record.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return record;
}

}  // namespace emotrain::study
