#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "emotrain/core/error.hpp"
#include "emotrain/optim/schedulers.hpp"
#include "optim/schedule_curve.hpp"

namespace emotrain::optim {
namespace {

constexpr std::array decay_types{"cosine", "linear", "1-sqrt"};

constexpr Range factor_range{.min = 0, .max = 1};

double decay_shape(const std::string& type, double num_cycles, double x) {
  if (type == "linear") return 1 - x;
  if (type == "1-sqrt") return 1 - std::sqrt(x);
  return 0.5 * (1 + std::cos(std::numbers::pi * num_cycles * 2 * x));
}

}  // namespace

void ConstantOptions::fields(FieldVisitor& visitor) {
  visitor.field({"factor", "on the learning rate in the first total_iters steps", factor_range}, factor);
  visitor.field({"total_iters", "how long factor is applied, in steps; absent: throughout", duration_range}, total_iters);
  SchedulerOptions::fields(visitor);
}

std::unique_ptr<Schedule> ConstantOptions::build_after_warmup(double lr, Index /*steps*/) const {
  return make_schedule([lr, lowered = lr * factor, end = total_iters](Index t) { return end && t >= *end ? lr : lowered; });
}

void ConstantWithWarmupOptions::check() const {
  if (warmup_steps == 0) fail(ErrorKind::usage, "warmup_steps: is missing; give the length of the warm-up, or use \"constant\"");
}

std::unique_ptr<Schedule> ConstantWithWarmupOptions::build_after_warmup(double lr, Index /*steps*/) const {
  return make_schedule([lr](Index /*t*/) { return lr; });
}

void LinearOptions::fields(FieldVisitor& visitor) {
  visitor.field({"start_factor", "on the learning rate in the first step", factor_range}, start_factor);
  visitor.field({"end_factor", "on the learning rate after total_iters steps", factor_range}, end_factor);
  visitor.field({"total_iters", "steps from the one to the other; absent: to the end of the run", duration_range}, total_iters);
  SchedulerOptions::fields(visitor);
}

std::unique_ptr<Schedule> LinearOptions::build_after_warmup(double lr, Index steps) const {
  return make_schedule([lr, start = start_factor, end = end_factor, total = total_iters.value_or(steps)](Index t) {
    // Weighted by whole numbers, so that the last rates before 0 do not suffer from 1 - t / total.
    const auto done = static_cast<double>(std::min(t, total));
    const auto left = static_cast<double>(std::max<Index>(total - t, 0));
    return lr * ((start * left + end * done) / static_cast<double>(total));
  });
}

void PolynomialOptions::fields(FieldVisitor& visitor) {
  visitor.field({"power", "of the part of the steps that is left", {.min = 0}}, power);
  visitor.field({"lr_end", "learning rate after total_iters steps", {.min = 0}}, lr_end);
  visitor.field({"total_iters", "steps of the decay; absent: to the end of the run", duration_range}, total_iters);
  SchedulerOptions::fields(visitor);
}

std::unique_ptr<Schedule> PolynomialOptions::build_after_warmup(double lr, Index steps) const {
  if (!(lr > lr_end)) fail(ErrorKind::usage, "lr_end: {} is not below optimizer.lr, {}: lower it", lr_end, lr);
  return make_schedule([range = lr - lr_end, end = lr_end, exponent = power, total = total_iters.value_or(steps)](Index t) {
    if (t >= total) return end;
    return range * std::pow(static_cast<double>(total - t) / static_cast<double>(total), exponent) + end;
  });
}

void StepOptions::fields(FieldVisitor& visitor) {
  visitor.field({"step_size", "steps from one reduction to the next", duration_range}, step_size);
  visitor.field({"gamma", "factor of a reduction", {.min = 0}}, gamma);
  SchedulerOptions::fields(visitor);
}

void StepOptions::check() const {
  if (!step_size) fail(ErrorKind::usage, "step_size: is missing; give the number of steps between two reductions");
}

std::unique_ptr<Schedule> StepOptions::build_after_warmup(double lr, Index /*steps*/) const {
  return make_schedule([lr, size = step_size.value(), base = gamma](Index t) {
    const Index reductions = t / size;
    return lr * std::pow(base, static_cast<double>(reductions));
  });
}

void MultiStepOptions::fields(FieldVisitor& visitor) {
  visitor.field({"milestones", "after how many steps the learning rate is reduced", {.min = 0, .max = 1e9}}, milestones);
  visitor.field({"gamma", "factor of a reduction", {.min = 0}}, gamma);
  SchedulerOptions::fields(visitor);
}

void MultiStepOptions::check() const {
  if (milestones.empty())
    fail(ErrorKind::usage, "milestones: is missing; give the numbers of steps after which to reduce, such as [100, 200]");
  if (!std::ranges::is_sorted(milestones)) fail(ErrorKind::usage, "milestones: do not ascend; sort them");
}

std::unique_ptr<Schedule> MultiStepOptions::build_after_warmup(double lr, Index /*steps*/) const {
  return make_schedule([lr, at = milestones, base = gamma](Index t) {
    return lr * std::pow(base, static_cast<double>(std::ranges::upper_bound(at, t) - at.begin()));
  });
}

void ExponentialOptions::fields(FieldVisitor& visitor) {
  visitor.field({"gamma", "factor from each step to the next", {.min = 0}}, gamma);
  SchedulerOptions::fields(visitor);
}

void ExponentialOptions::check() const {
  if (!gamma) fail(ErrorKind::usage, "gamma: is missing; give the factor from each step to the next, such as 0.999");
}

std::unique_ptr<Schedule> ExponentialOptions::build_after_warmup(double lr, Index /*steps*/) const {
  return make_schedule([lr, base = gamma.value()](Index t) { return lr * std::pow(base, static_cast<double>(t)); });
}

void WarmupStableDecayOptions::fields(FieldVisitor& visitor) {
  visitor.field({"num_decay_steps", "steps of the decay; absent: the rest", duration_range}, num_decay_steps);
  visitor.field({"num_stable_steps", "steps before it; absent: the rest", {.min = 0, .max = 1e9}}, num_stable_steps);
  visitor.field({"decay_type", "the form of the decay", {}, decay_types}, decay_type);
  visitor.field({"min_lr_ratio", "where it ends, as a part of the learning rate", factor_range}, min_lr_ratio);
  visitor.field({"num_cycles", "waves of a decay along a cosine", {.above = 0}}, num_cycles);
  SchedulerOptions::fields(visitor);
}

void WarmupStableDecayOptions::check() const {
  if (!num_decay_steps && !num_stable_steps) {
    fail(ErrorKind::usage, "num_decay_steps: is missing; give the number of steps of the decay, or num_stable_steps");
  }
}

std::unique_ptr<Schedule> WarmupStableDecayOptions::build_after_warmup(double lr, Index steps) const {
  const bool decay_given = num_decay_steps.has_value();
  const Index given = decay_given ? *num_decay_steps : num_stable_steps.value();
  if (!(decay_given && num_stable_steps) && given > steps) {
    fail(ErrorKind::usage, "{}: {} steps, but the run has {} after {} of warm-up: lower it, or raise trainer.max_steps",
         decay_given ? "num_decay_steps" : "num_stable_steps", given, steps, warmup_steps);
  }
  const Index stable = num_stable_steps ? *num_stable_steps : steps - given;
  const Index decay = decay_given ? *num_decay_steps : steps - given;
  return make_schedule([lr, stable, decay, type = decay_type, cycles = num_cycles, least = min_lr_ratio](Index t) {
    if (t < stable) return lr;
    if (t >= stable + decay) return lr * least;
    const double shape = decay_shape(type, cycles, static_cast<double>(t - stable) / static_cast<double>(decay));
    return lr * (shape * (1 - least) + least);
  });
}

}  // namespace emotrain::optim
