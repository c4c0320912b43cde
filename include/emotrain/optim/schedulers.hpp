#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/optim/schedule.hpp"

/// The named schedules: rows of `schedulers()`. lr is the optimizer's learning rate, t = 0, 1, ... counts the steps after the warm-up, N is
/// how many there are. Where PyTorch (torch.optim.lr_scheduler, 1.13) has a class, formula, names and defaults are its own, its
/// scheduler.step() being called after each training step; else Hugging Face's (transformers 4.57, optimization.py). What is absent and
/// says "the rest" is N.
///
/// Where the two differ in defaults, a schedule has Hugging Face's under the name that Hugging Face gives it, and PyTorch's under the name
/// of PyTorch's class: "linear" falls from lr to 0 within N steps, "LinearLR" rises from lr / 3 to lr within 5.
///
/// Deviation: PyTorch's chainable schedulers multiply what the last step left, which these formulas do not, so that a schedule is a
/// function of the step; they differ by rounding.
namespace emotrain::optim {

/// lr factor while t < total_iters, then lr. "constant": lr throughout. "ConstantLR": factor 1/3, total_iters 5.
struct ConstantOptions final : SchedulerOptions {
  double factor = 1;
  /// Absent: the rest.
  std::optional<Index> total_iters;

  void fields(FieldVisitor& visitor) override;

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// lr, after a warm-up, which must be given.
struct ConstantWithWarmupOptions final : SchedulerOptions {
  void check() const override;

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// lr (start_factor + (end_factor - start_factor) min(t / total_iters, 1)).
struct LinearOptions final : SchedulerOptions {
  double start_factor = 1;
  double end_factor = 0;
  /// Absent: the rest.
  std::optional<Index> total_iters;

  void fields(FieldVisitor& visitor) override;

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// (lr - lr_end) (1 - min(t / total_iters, 1))^power + lr_end. "PolynomialLR": lr_end 0, total_iters 5.
struct PolynomialOptions final : SchedulerOptions {
  double power = 1;
  double lr_end = 1e-7;
  /// Absent: the rest.
  std::optional<Index> total_iters;

  void fields(FieldVisitor& visitor) override;

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// lr gamma^floor(t / step_size).
struct StepOptions final : SchedulerOptions {
  /// Must be given.
  std::optional<Index> step_size;
  double gamma = 0.1;

  void fields(FieldVisitor& visitor) override;
  void check() const override;

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// lr gamma^(number of milestones m <= t).
struct MultiStepOptions final : SchedulerOptions {
  /// Must be given, in ascending order. One that is given twice counts twice.
  std::vector<Index> milestones;
  double gamma = 0.1;

  void fields(FieldVisitor& visitor) override;
  void check() const override;

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// lr gamma^t.
struct ExponentialOptions final : SchedulerOptions {
  /// Must be given.
  std::optional<double> gamma;

  void fields(FieldVisitor& visitor) override;
  void check() const override;

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// eta_min + (lr - eta_min) (1 + cos(pi t / T_max)) / 2: after T_max steps it rises again.
struct CosineOptions final : SchedulerOptions {
  /// Absent: the rest.
  std::optional<Index> t_max;
  double eta_min = 0;

  void fields(FieldVisitor& visitor) override;

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// In cycle i = 0, 1, ... of T_i = T_0 T_mult^i steps, in its step t_i: eta_min + (p_i - eta_min) (1 + cos(pi t_i / T_i)) / 2. Loshchilov
/// and Hutter, "SGDR", ICLR 2017. The peak p_i = lr peak_decay^i, but not below eta_min. PyTorch knows no peak_decay: all its peaks
/// are lr.
struct CosineWithRestartsOptions final : SchedulerOptions {
  /// Absent: the rest, which makes it one cycle.
  std::optional<Index> t_0;
  Index t_mult = 1;
  double eta_min = 0;
  double peak_decay = 1;

  void fields(FieldVisitor& visitor) override;

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// From max_lr / div_factor up to max_lr, reached at t = pct_start total_steps - 1, then down to max_lr / div_factor / final_div_factor,
/// reached at t = total_steps - 1; with three_phase down to where it began, reached at t = 2 pct_start total_steps - 2, and from there to
/// that end. Along half a cosine or a line. Smith and Topin, "Super-convergence", 2018.
///
/// Deviation: momenta and betas stay as they are (PyTorch's cycle_momentum=False; its default is to let them fall and rise).
struct OneCycleOptions final : SchedulerOptions {
  /// Absent: the optimizer's lr.
  std::optional<double> max_lr;
  /// Absent: the rest.
  std::optional<Index> total_steps;
  double pct_start = 0.3;
  std::string anneal_strategy = "cos";
  double div_factor = 25;
  double final_div_factor = 1e4;
  bool three_phase = false;

  void fields(FieldVisitor& visitor) override;

 protected:
  /// Throws if total_steps are fewer than the run has: PyTorch's OneCycleLR refuses those beyond.
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// lr until `metric` has not become better for more than `patience` evaluations, then max(lr factor, min_lr), unless that is less than eps
/// away, and so on. Better: below best (1 - threshold) (mode min, threshold_mode rel), best - threshold (min, abs), above
/// best (1 + threshold) (max, rel), best + threshold (max, abs). For `cooldown` evaluations after a reduction none counts as bad. Each of
/// PyTorch's epochs is an evaluation here.
struct ReduceOnPlateauOptions final : SchedulerOptions {
  /// Of the evaluations on the validation samples.
  std::string metric = "eval_loss";
  std::string mode = "min";
  double factor = 0.1;
  Index patience = 10;
  double threshold = 1e-4;
  std::string threshold_mode = "rel";
  Index cooldown = 0;
  double min_lr = 0;
  double eps = 1e-8;

  void fields(FieldVisitor& visitor) override;
  std::string_view observed_metric() const override { return metric; }

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
};

/// lr for num_stable_steps, then lr (m + (1 - m) d(x)), m = min_lr_ratio, for x from 0 to 1 in num_decay_steps, then lr m:
/// d(x) = (1 + cos(2 pi num_cycles x)) / 2 (cosine), 1 - x (linear) or 1 - sqrt(x) (1-sqrt). transformers: get_wsd_schedule. Its warm-up
/// starts at min_lr_ratio unless warmup_start_factor is given.
struct WarmupStableDecayOptions final : SchedulerOptions {
  /// One of the two must be given; the other one is the rest.
  std::optional<Index> num_decay_steps;
  std::optional<Index> num_stable_steps;
  std::string decay_type = "cosine";
  double min_lr_ratio = 0;
  double num_cycles = 0.5;

  void fields(FieldVisitor& visitor) override;
  void check() const override;

 protected:
  std::unique_ptr<Schedule> build_after_warmup(double lr, Index steps) const override;
  double default_start_factor() const override { return min_lr_ratio; }
};

}  // namespace emotrain::optim
