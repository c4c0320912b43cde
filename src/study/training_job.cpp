#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "emotrain/core/error.hpp"
#include "emotrain/study/job.hpp"
#include "emotrain/train/trainer.hpp"
#include "study/own_scalars.hpp"
#include "study/state_bytes.hpp"
#include "study/stretches.hpp"

namespace emotrain::study {
namespace {

using Clock = std::chrono::steady_clock;

std::optional<double> validation_loss(train::Trainer& trainer) {
  const std::vector<report::Metric> metrics = trainer.validate();
  trainer.observe(metrics);
  const auto loss = std::ranges::find(metrics, "eval_loss", &report::Metric::name);
  return loss == metrics.end() ? std::nullopt : std::optional(loss->value);
}

void train(train::Trainer& trainer, const JobSettings& settings, JobRecord& record) {
  Stretches stretches(trainer.steps(), settings.stretches, record.stretches);
  while (!trainer.finished()) {
    if (settings.interrupted && settings.interrupted()) throw JobInterrupted{};
    const Clock::time_point begin = Clock::now();
    const report::StepRecord step = trainer.step();
    record.step_seconds += std::chrono::duration<double>(Clock::now() - begin).count();
    record.steps = step.step;
    if (stretches.add(step)) record.stretches.back().validation = validation_loss(trainer);
  }
  record.state_bytes = state_bytes(trainer.optimizer());
  record.metrics = trainer.finish();
}

}  // namespace

std::optional<double> JobRecord::find_metric(const std::string& name) const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (!divergence.empty()) return infinity;
  const bool is_error = name.ends_with("_error");
  const std::string recorded = is_error ? name.substr(0, name.find('_')) + "_accuracy" : name;
  const auto found = std::ranges::find(metrics, recorded, &report::Metric::name);
  if (found == metrics.end()) return std::nullopt;
  return std::isnan(found->value) ? infinity : is_error ? 1 - found->value : found->value;
}

double JobRecord::metric(const std::string& name) const {
  const std::optional<double> value = find_metric(name);
  if (!value) fail(ErrorKind::data, "a job has no metric {}; choose another", name);
  return *value;
}

std::optional<Index> JobRecord::steps_to(double target) const {
  const auto found = std::ranges::find_if(stretches, [target](const Stretch& s) { return s.validation && *s.validation <= target; });
  return found == stretches.end() ? std::nullopt : std::optional(found->step);
}

JobRecord run_job(const train::RunConfig& config, const data::Splits& splits, const JobSettings& settings) {
  const Clock::time_point begin = Clock::now();
  JobRecord record;
  try {
    const std::vector<double> scalars = own_scalars(config, splits, settings.interrupted);
    train::Trainer trainer(config, splits, scalars);
    train(trainer, settings, record);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::numeric) throw;
    record.divergence = error.what();
    record.metrics.clear();
  }
  record.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return record;
}

}  // namespace emotrain::study
