#include <algorithm>
#include <chrono>
#include <cmath>

#include "emotrain/core/denormals.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/core/random.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/study/job.hpp"
#include "study/own_scalars.hpp"
#include "study/state_bytes.hpp"
#include "study/stretches.hpp"

namespace emotrain::study {
namespace {

using Clock = std::chrono::steady_clock;

class Minimization {
 public:
  explicit Minimization(const FunctionJob& job, std::vector<double> recorded_scalars = {})
      : job_(job),
        options_(dynamic_cast<const optim::OptimizerOptions&>(*job.optimizer.options)),
        x_(Tensor::empty({job.function.dimensions})),
        point_(static_cast<std::size_t>(job.function.dimensions)),
        gradient_(point_.size()),
        noise_(point_.size() + 1) {
    job.function.start(job.seed, {x_.data(), point_.size()});
    x_.set_requires_grad(true);
    optimizer_ = options_.build({x_}, {.names = {"x"}, .seed = job.seed, .recorded_scalars = std::move(recorded_scalars)});
    schedule_ = dynamic_cast<const optim::SchedulerOptions&>(*job.scheduler.options).build(options_.lr, job.steps);
  }

  /// The function where the optimizer's evaluation weights are.
  double value() {
    const optim::EvaluationWeights guard(*optimizer_);
    return job_.function.value(point());
  }

  report::StepRecord step(Index number) {
    const FlushDenormals guard;
    fill_normal({.seed = job_.noise_seed.value_or(job_.seed), .stream = Stream::sample}, static_cast<std::uint64_t>(number), noise_.data(),
                static_cast<Index>(noise_.size()), 0, job_.function.noise);
    const double loss = job_.function.value(point()) + double{noise_.back()};
    job_.function.gradient(point_, gradient_);
    Real* out = x_.grad_sink().data;
    double squares = 0;
    for (std::size_t i = 0; i < gradient_.size(); ++i) {
      out[i] = static_cast<Real>(gradient_[i] + double{noise_[i]});
      squares += double{out[i]} * double{out[i]};
    }
    const optim::StepContext context{.step = number, .loss = loss, .lr = schedule_->learning_rate(number)};
    const optim::StepReport told = optimizer_->step(context);
    report::StepRecord record{.step = number, .loss = loss, .learning_rate = context.lr, .grad_norm = std::sqrt(squares)};
    if (told.emotion) {
      record.emotion = {.scalar = told.emotion->scalar, .ratio = told.emotion->ratio, .drive = told.emotion->drive};
    }
    record.shadow_distance = told.shadow_distance;
    x_.clear_grad();
    return record;
  }

  double optimizer_bytes() const { return state_bytes(*optimizer_); }

 private:
  std::span<const double> point() {
    std::ranges::copy(x_.values(), point_.begin());
    return point_;
  }

  const FunctionJob& job_;
  const optim::OptimizerOptions& options_;
  Tensor x_;
  std::vector<double> point_;
  std::vector<double> gradient_;
  std::vector<Real> noise_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  std::unique_ptr<optim::Schedule> schedule_;
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
