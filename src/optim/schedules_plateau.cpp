#include <algorithm>
#include <array>
#include <limits>

#include "emotrain/optim/schedulers.hpp"
#include "optim/schedule_curve.hpp"

namespace emotrain::optim {
namespace {

constexpr std::array modes{"min", "max"};
constexpr std::array threshold_modes{"rel", "abs"};

/// The order of events is ReduceLROnPlateau.step's.
class Plateau final : public Schedule {
 public:
  Plateau(const ReduceOnPlateauOptions& options, double lr)
      : minimize_(options.mode == "min"),
        relative_(options.threshold_mode == "rel"),
        threshold_(options.threshold),
        factor_(options.factor),
        min_lr_(options.min_lr),
        eps_(options.eps),
        patience_(options.patience),
        cooldown_(options.cooldown) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    state_ = {.lr = lr, .best = minimize_ ? infinity : -infinity};
  }

  double learning_rate(Index /*step*/) const override { return state_.lr; }

  void observe(double metric) override {
    if (is_better(metric)) {
      state_.best = metric;
      state_.num_bad_epochs = 0;
    } else {
      ++state_.num_bad_epochs;
    }
    if (state_.cooldown_counter > 0) {
      --state_.cooldown_counter;
      state_.num_bad_epochs = 0;
    }
    if (state_.num_bad_epochs > patience_) {
      const double reduced = std::max(state_.lr * factor_, min_lr_);
      if (state_.lr - reduced > eps_) state_.lr = reduced;
      state_.cooldown_counter = cooldown_;
      state_.num_bad_epochs = 0;
    }
  }

  ScheduleState state() const override { return state_; }
  void restore(const ScheduleState& state) override { state_ = state; }

 private:
  bool is_better(double metric) const {
    const double best = state_.best;
    if (minimize_) return metric < (relative_ ? best * (1 - threshold_) : best - threshold_);
    return metric > (relative_ ? best * (1 + threshold_) : best + threshold_);
  }

  bool minimize_;
  bool relative_;
  double threshold_;
  double factor_;
  double min_lr_;
  double eps_;
  Index patience_;
  Index cooldown_;
  ScheduleState state_;
};

}  // namespace

void ReduceOnPlateauOptions::fields(FieldVisitor& visitor) {
  visitor.field({"metric", "what to watch: a metric of the evaluations on the validation samples"}, metric);
  visitor.field({"mode", "which way is better", {}, modes}, mode);
  visitor.field({"factor", "of a reduction", {.min = 0, .below = 1}}, factor);
  visitor.field({"patience", "evaluations without a better metric that are accepted", {.min = 0, .max = 1e9}}, patience);
  visitor.field({"threshold", "by how much a metric must be better", {.min = 0}}, threshold);
  visitor.field({"threshold_mode", "in relation to the best, or absolute", {}, threshold_modes}, threshold_mode);
  visitor.field({"cooldown", "evaluations after a reduction that do not count", {.min = 0, .max = 1e9}}, cooldown);
  visitor.field({"min_lr", "lowest learning rate", {.min = 0}}, min_lr);
  visitor.field({"eps", "the least reduction", {.min = 0}}, eps);
  SchedulerOptions::fields(visitor);
}

std::unique_ptr<Schedule> ReduceOnPlateauOptions::build_after_warmup(double lr, Index /*steps*/) const {
  return std::make_unique<Plateau>(*this, lr);
}

}  // namespace emotrain::optim
