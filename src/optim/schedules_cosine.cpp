#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "emotrain/core/error.hpp"
#include "emotrain/optim/schedulers.hpp"
#include "optim/schedule_curve.hpp"

namespace emotrain::optim {
namespace {

constexpr std::array anneal_strategies{"cos", "linear"};

constexpr Field eta_min_field{"eta_min", "lowest learning rate", {.min = 0}};

/// From `start` at 0 to `end` at 1.
double along_cosine(double start, double end, double x) { return end + (start - end) / 2 * (1 + std::cos(std::numbers::pi * x)); }
double along_line(double start, double end, double x) { return (end - start) * x + start; }

double part(Index t, Index of) { return static_cast<double>(t) / static_cast<double>(of); }

/// The 1cycle policy. Positions in steps are fractions, as they are in PyTorch.
struct OneCycle {
  struct Phase {
    double end_step;
    double start_lr;
    double end_lr;
  };
  std::array<Phase, 3> phases{};
  std::size_t count = 0;
  double (*anneal)(double start, double end, double x);

  double operator()(Index t) const {
    const double at = std::min(static_cast<double>(t), phases[count - 1].end_step);
    std::size_t i = 0;
    double start_step = 0;
    while (at > phases[i].end_step && i + 1 < count) start_step = phases[i++].end_step;
    const double length = phases[i].end_step - start_step;
    // A phase without length has ended when it begins.
    return anneal(phases[i].start_lr, phases[i].end_lr, length > 0 ? (at - start_step) / length : 1);
  }
};

}  // namespace

void CosineOptions::fields(FieldVisitor& visitor) {
  visitor.field({"T_max", "steps to the lowest learning rate; absent: to the end of the run", duration_range}, t_max);
  visitor.field(eta_min_field, eta_min);
  SchedulerOptions::fields(visitor);
}

std::unique_ptr<Schedule> CosineOptions::build_after_warmup(double lr, Index steps) const {
  return make_schedule(
      [lr, lowest = eta_min, half_period = t_max.value_or(steps)](Index t) { return along_cosine(lr, lowest, part(t, half_period)); });
}

void CosineWithRestartsOptions::fields(FieldVisitor& visitor) {
  visitor.field({"T_0", "steps of the first cycle; absent: to the end of the run", duration_range}, t_0);
  visitor.field({"T_mult", "factor from each cycle's length to the next one's", duration_range}, t_mult);
  visitor.field(eta_min_field, eta_min);
  visitor.field({"peak_decay", "factor from each cycle's peak to the next one's", {.max = 1, .above = 0}}, peak_decay);
  SchedulerOptions::fields(visitor);
}

std::unique_ptr<Schedule> CosineWithRestartsOptions::build_after_warmup(double lr, Index steps) const {
  return make_schedule([lr, lowest = eta_min, first = t_0.value_or(steps), growth = t_mult, decay = peak_decay](Index t) {
    Index length = first;
    Index cycle = growth == 1 ? t / first : 0;
    t -= cycle * length;
    for (; t >= length; ++cycle) {
      t -= length;
      length *= growth;
    }
    const double peak = std::max(lr * std::pow(decay, static_cast<double>(cycle)), std::min(lr, lowest));
    return along_cosine(peak, lowest, part(t, length));
  });
}

void OneCycleOptions::fields(FieldVisitor& visitor) {
  visitor.field({"max_lr", "highest learning rate; absent: the optimizer's", {.above = 0}}, max_lr);
  visitor.field({"total_steps", "steps of the cycle; absent: to the end of the run", duration_range}, total_steps);
  visitor.field({"pct_start", "part of them in which the learning rate rises", {.min = 0, .max = 1}}, pct_start);
  visitor.field({"anneal_strategy", "along a cosine or a line", {}, anneal_strategies}, anneal_strategy);
  visitor.field({"div_factor", "max_lr / the first learning rate", {.above = 0}}, div_factor);
  visitor.field({"final_div_factor", "the first learning rate / the last", {.above = 0}}, final_div_factor);
  visitor.field({"three_phase", "fall as slowly as it rose, and on to the last learning rate in a phase of its own"}, three_phase);
  SchedulerOptions::fields(visitor);
}

std::unique_ptr<Schedule> OneCycleOptions::build_after_warmup(double lr, Index steps) const {
  if (total_steps && *total_steps < steps) {
    fail(ErrorKind::usage, "total_steps: the cycle ends after {} steps, but the run has {} after {} of warm-up: raise it, or leave it out",
         *total_steps, steps, warmup_steps);
  }
  const double highest = max_lr.value_or(lr);
  const double first = highest / div_factor;
  const double last = first / final_div_factor;
  const auto total = static_cast<double>(total_steps.value_or(steps));
  const double rise_end = pct_start * total - 1;
  OneCycle cycle{.anneal = anneal_strategy == "cos" ? along_cosine : along_line};
  if (three_phase) {
    cycle.phases = {{{rise_end, first, highest}, {2 * pct_start * total - 2, highest, first}, {total - 1, first, last}}};
    cycle.count = 3;
  } else {
    cycle.phases = {{{rise_end, first, highest}, {total - 1, highest, last}}};
    cycle.count = 2;
  }
  return make_schedule(cycle);
}

}  // namespace emotrain::optim
