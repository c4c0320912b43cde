#pragma once
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "emotrain/core/options.hpp"

namespace emotrain::optim {

/// What a schedule has learned from metrics: all that a resume needs besides the number of the step. Only reduce_on_plateau learns; its
/// names are those of torch.optim.lr_scheduler.ReduceLROnPlateau.
struct ScheduleState {
  /// The learning rate as reduced so far.
  double lr = 0;
  /// The best metric so far.
  double best = std::numeric_limits<double>::infinity();
  /// Observations since then; not counted while cooling down.
  Index num_bad_epochs = 0;
  Index cooldown_counter = 0;
};

/// The learning rate of each step of a run: a pure function of the step's number and, in reduce_on_plateau, of what was observed so far.
class Schedule {
 public:
  virtual ~Schedule() = default;
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  /// Of a step counted from 1. Steps beyond the end of the run are answered too. Allocates nothing.
  virtual double learning_rate(Index step) const = 0;
  /// Takes in a metric. Does nothing unless SchedulerOptions::observed_metric() names one.
  virtual void observe(double /*metric*/) {}
  virtual ScheduleState state() const { return {}; }
  virtual void restore(const ScheduleState& /*state*/) {}

 protected:
  Schedule() = default;
};

/// Options of a named schedule; those here, of a warm-up of W = warmup_steps steps, precede any schedule: in step t + 1, t < W,
///     lr = (f + (1 - f) w(t / W)) (the schedule's first learning rate), f = warmup_start_factor,
/// w(x) = x (linear), (1 - cos(pi x)) / 2 (cosine) or 1 - sqrt(1 - x) (1-sqrt). The schedule itself begins in step W + 1, as if that were
/// the first of a run that is W steps shorter. With f = 0 step 1 has learning rate 0. So in Hugging Face's transformers 4.57
/// (optimization.py, get_*_schedule_with_warmup), whose names and defaults these are; linear with f > 0 is PyTorch's SequentialLR of a
/// LinearLR and the schedule, milestone W.
struct SchedulerOptions : Options {
  Index warmup_steps = 0;
  /// Absent: 0; in warmup_stable_decay min_lr_ratio.
  std::optional<double> warmup_start_factor;
  std::string warmup_type = "linear";

  void fields(FieldVisitor& visitor) override;

  /// `lr` is the optimizer's, `steps` the number of steps of the run. Throws Error{usage} with "key: what is wrong and what to do" if they
  /// do not fit the options.
  std::unique_ptr<Schedule> build(double lr, Index steps) const;
  /// The metric to hand to Schedule::observe() after each evaluation; empty: none.
  virtual std::string_view observed_metric() const { return {}; }

 protected:
  /// What follows the warm-up, counted from its own first step; `steps`: how many there are, at least 1.
  virtual std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const = 0;
  virtual double default_start_factor() const { return 0; }
};

/// All schedules, by the name that a configuration gives, or by the name of PyTorch's class.
const OptionsTable& schedulers();

}  // namespace emotrain::optim
