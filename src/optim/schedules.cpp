#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/optim/schedulers.hpp"
#include "optim/schedule_curve.hpp"

namespace emotrain::optim {
namespace {

constexpr const char* hugging_face = "transformers 4.57, optimization.py";
constexpr const char* torch = "torch.optim.lr_scheduler, PyTorch 1.13";

constexpr std::array warmup_types{"linear", "cosine", "1-sqrt"};

std::unique_ptr<Options> make_constant_lr() {
  auto options = std::make_unique<ConstantOptions>();
  options->factor = 1.0 / 3;
  options->total_iters = 5;
  return options;
}

std::unique_ptr<Options> make_linear_lr() {
  auto options = std::make_unique<LinearOptions>();
  options->start_factor = 1.0 / 3;
  options->end_factor = 1;
  options->total_iters = 5;
  return options;
}

std::unique_ptr<Options> make_polynomial_lr() {
  auto options = std::make_unique<PolynomialOptions>();
  options->lr_end = 0;
  options->total_iters = 5;
  return options;
}

constexpr OptionsAlias constant_aliases[] = {{"ConstantLR", make_constant_lr}};
constexpr OptionsAlias linear_aliases[] = {{"LinearLR", make_linear_lr}};
constexpr OptionsAlias cosine_aliases[] = {{"CosineAnnealingLR"}};
constexpr OptionsAlias restarts_aliases[] = {{"CosineAnnealingWarmRestarts"}};
constexpr OptionsAlias polynomial_aliases[] = {{"PolynomialLR", make_polynomial_lr}};
constexpr OptionsAlias step_aliases[] = {{"StepLR"}};
constexpr OptionsAlias multistep_aliases[] = {{"MultiStepLR"}};
constexpr OptionsAlias exponential_aliases[] = {{"ExponentialLR"}};
constexpr OptionsAlias one_cycle_aliases[] = {{"OneCycleLR"}};
constexpr OptionsAlias plateau_aliases[] = {{"ReduceLROnPlateau"}};

constexpr OptionsEntry entries[] = {
    {"constant", "the optimizer's learning rate throughout", hugging_face, make_options<ConstantOptions>, constant_aliases},
    {"constant_with_warmup", "the same after a warm-up", hugging_face, make_options<ConstantWithWarmupOptions>},
    {"linear", "along a line to 0", hugging_face, make_options<LinearOptions>, linear_aliases},
    {"cosine", "along half a cosine to 0", torch, make_options<CosineOptions>, cosine_aliases},
    {"cosine_with_restarts", "half cosines one after the other", torch, make_options<CosineWithRestartsOptions>, restarts_aliases},
    {"polynomial", "along a power of the steps that are left", hugging_face, make_options<PolynomialOptions>, polynomial_aliases},
    {"step", "times gamma every step_size steps", torch, make_options<StepOptions>, step_aliases},
    {"multistep", "times gamma at each milestone", torch, make_options<MultiStepOptions>, multistep_aliases},
    {"exponential", "times gamma in every step", torch, make_options<ExponentialOptions>, exponential_aliases},
    {"one_cycle", "up, then down to almost 0", torch, make_options<OneCycleOptions>, one_cycle_aliases},
    {"reduce_on_plateau", "times factor when a metric does not become better", torch, make_options<ReduceOnPlateauOptions>,
     plateau_aliases},
    {"warmup_stable_decay", "constant, and a decay at the end", hugging_face, make_options<WarmupStableDecayOptions>},
};

constexpr OptionsTable table{.kind = "scheduler", .tag = "name", .entries = entries};

/// Precedes another schedule.
class WarmUp final : public Schedule {
 public:
  using Shape = double (*)(double progress);

  WarmUp(Index steps, double start_factor, Shape shape, std::unique_ptr<Schedule> after)
      : steps_(steps), start_factor_(start_factor), shape_(shape), after_(std::move(after)) {}

  double learning_rate(Index step) const override {
    if (step > steps_) return after_->learning_rate(step - steps_);
    const double progress = shape_(static_cast<double>(step - 1) / static_cast<double>(steps_));
    return (progress * (1 - start_factor_) + start_factor_) * after_->learning_rate(1);
  }
  void observe(double metric) override { after_->observe(metric); }
  ScheduleState state() const override { return after_->state(); }
  void restore(const ScheduleState& state) override { after_->restore(state); }

 private:
  Index steps_;
  double start_factor_;
  Shape shape_;
  std::unique_ptr<Schedule> after_;
};

WarmUp::Shape warmup_shape(const std::string& type) {
  if (type == "cosine") return [](double x) { return 0.5 * (1 - std::cos(std::numbers::pi * x)); };
  if (type == "1-sqrt") return [](double x) { return 1 - std::sqrt(1 - x); };
  return [](double x) { return x; };
}

}  // namespace

const OptionsTable& schedulers() { return table; }

void SchedulerOptions::fields(FieldVisitor& visitor) {
  visitor.field({"warmup_steps", "steps before the schedule, in which the learning rate rises to its first", {.min = 0, .max = 1e9}},
                warmup_steps);
  visitor.field(
      {"warmup_start_factor", "where the warm-up starts, as a part of where it ends; absent: 0, or min_lr_ratio", {.min = 0, .max = 1}},
      warmup_start_factor);
  visitor.field({"warmup_type", "the form of the rise", {}, warmup_types}, warmup_type);
}

std::unique_ptr<Schedule> SchedulerOptions::build(double lr, Index steps) const {
  if (warmup_steps > steps) {
    fail(ErrorKind::usage,
         "warmup_steps: {} steps of warm-up, but the run has {}: give at most these, or raise trainer.max_steps or "
         "trainer.num_train_epochs",
         warmup_steps, steps);
  }
  auto after = build_after_warmup(lr, std::max<Index>(steps - warmup_steps, 1));
  if (warmup_steps == 0) return after;
  return std::make_unique<WarmUp>(warmup_steps, warmup_start_factor.value_or(default_start_factor()), warmup_shape(warmup_type),
                                  std::move(after));
}

}  // namespace emotrain::optim
