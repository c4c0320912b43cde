#include "emotrain/train/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "emotrain/core/denormals.hpp"
#include "emotrain/core/error.hpp"
#include "train/recorded_scalars.hpp"

namespace emotrain::train {
namespace {

struct QuantityInfo {
  const char* name;
  double tolerance;
};

constexpr double tensor_tolerance = 2e-5;
constexpr double emotion_tolerance = 1e-12;
constexpr std::array<QuantityInfo, quantity_count> quantities{{
    {"params", tensor_tolerance},
    {"shadow", tensor_tolerance},
    {"eval_params", tensor_tolerance},
    {"ema_short", emotion_tolerance},
    {"ema_medium", emotion_tolerance},
    {"ema_long", emotion_tolerance},
    {"scalar", emotion_tolerance},
    {"ratio", emotion_tolerance},
    {"should_stop", 0},
    {"has_shadow", 0},
}};

bool is_tensor(Quantity quantity) { return quantity <= Quantity::eval_params; }

double deviation_size(std::optional<double> ours, double recorded) {
  if (!ours) return HUGE_VAL;
  const double size = std::abs(*ours - recorded) / std::max(1.0, std::abs(recorded));
  return std::isnan(size) ? HUGE_VAL : size;
}

/// Compares one step after the other.
class Judge {
 public:
  explicit Judge(Replay& replay) : replay_(replay) {}

  void begin_step(Index step) { step_ = step; }

  void compare(Quantity quantity, std::optional<double> ours, std::optional<double> recorded) {
    if (recorded) note({quantity, step_, 0, 0, ours, *recorded});
  }
  void compare_flag(Quantity quantity, std::optional<bool> ours, std::optional<bool> recorded) {
    if (recorded) note({quantity, step_, 0, 0, ours ? std::optional<double>(*ours) : std::nullopt, *recorded ? 1.0 : 0.0});
  }
  /// An empty `ours`: there is none.
  void compare(Quantity quantity, std::size_t tensor, std::span<const Real> ours, std::span<const Real> recorded) {
    if (!ours.empty() && ours.size() != recorded.size()) {
      fail(ErrorKind::shape, "[replay] {} of tensor {}: {} values are recorded, {} are due", name_of(quantity), tensor, recorded.size(),
           ours.size());
    }
    for (std::size_t i = 0; i < recorded.size(); ++i) {
      const std::optional<double> value = ours.empty() ? std::nullopt : std::optional<double>(ours[i]);
      note({quantity, step_, tensor, static_cast<Index>(i), value, recorded[i]});
    }
  }

 private:
  void note(Deviation deviation) {
    deviation.size = deviation_size(deviation.ours, deviation.recorded);
    Tally& tally = replay_.tallies[static_cast<std::size_t>(deviation.quantity)];
    if (tally.compared++ == 0 || deviation.size > tally.worst.size) tally.worst = deviation;
    if (deviation.is_outside() && tally.outside++ == 0) tally.first_outside = deviation;
    std::optional<Deviation>& worst = replay_.steps.back().worst;
    if (!worst || deviation.strength() > worst->strength()) worst = deviation;
  }

  Replay& replay_;
  Index step_ = 0;
};

class Player {
 public:
  Player(const Scenario& scenario, const optim::OptimizerOptions& options) : scenario_(scenario), lr_(options.lr) {
    optim::BuildContext context;
    for (const Scenario::Parameter& parameter : scenario.parameters) {
      parameters_.push_back(Tensor::from(parameter.shape, parameter.initial).set_requires_grad(true));
      context.names.push_back(parameter.name);
    }
    if (options.emotion && options.emotion->record) context.recorded_scalars = read_scalars(*options.emotion->record);
    optimizer_ = options.build(parameters_, context);
  }

  /// Number `step`, from 1.
  ReplayedStep step(Index step) {
    const Scenario::Step& input = scenario_.steps[static_cast<std::size_t>(step - 1)];
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      parameters_[i].clear_grad();
      if (input.gradients[i]) std::ranges::copy(*input.gradients[i], parameters_[i].grad_sink().data);
    }
    const optim::StepReport report = optimizer_->step({.step = step, .loss = input.loss, .lr = lr_});
    return {.loss = input.loss,
            .emotion = report.emotion,
            .rule = std::string(report.rule),
            .shadow_distance = report.shadow_distance,
            .worst = {}};
  }

  void judge(Judge& judge, const ReplayedStep& step, const Expectation& expected) const {
    judge_tensors(judge, expected);
    const auto felt = [&](double optim::Feeling::*member) {
      return step.emotion ? std::optional<double>((*step.emotion).*member) : std::nullopt;
    };
    judge.compare(Quantity::ema_short, felt(&optim::Feeling::ema_short), expected.ema_short);
    judge.compare(Quantity::ema_medium, felt(&optim::Feeling::ema_medium), expected.ema_medium);
    judge.compare(Quantity::ema_long, felt(&optim::Feeling::ema_long), expected.ema_long);
    judge.compare(Quantity::scalar, felt(&optim::Feeling::scalar), expected.scalar);
    judge.compare(Quantity::ratio, felt(&optim::Feeling::ratio), expected.ratio);
    const auto stop = step.emotion ? std::optional<bool>(step.emotion->should_stop) : std::nullopt;
    judge.compare_flag(Quantity::should_stop, stop, expected.should_stop);
    judge.compare_flag(Quantity::has_shadow, step.shadow_distance.has_value(), expected.has_shadow);
  }

 private:
  void judge_tensors(Judge& judge, const Expectation& expected) const {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (expected.params) judge.compare(Quantity::params, i, parameters_[i].values(), expected.params->at(i));
      if (expected.eval_params) judge.compare(Quantity::eval_params, i, evaluation_weights(i), expected.eval_params->at(i));
    }
    if (!expected.shadow) return;
    std::vector<Tensor> shadows(parameters_.size());
    for (const optim::StateSlot& slot : optimizer_->state()) {
      if (slot.name == "shadow") shadows.at(slot.parameter) = slot.value;
    }
    for (std::size_t i = 0; i < shadows.size(); ++i) {
      const auto ours = shadows[i].defined() ? shadows[i].values() : std::span<Real>();
      judge.compare(Quantity::shadow, i, ours, expected.shadow->at(i));
    }
  }

  std::vector<Real> evaluation_weights(std::size_t parameter) const {
    std::vector<Real> weights(parameters_[parameter].values().begin(), parameters_[parameter].values().end());
    if (optimizer_->has_evaluation_weights()) optimizer_->evaluation_weights(parameter, weights.data());
    return weights;
  }

  const Scenario& scenario_;
  double lr_;
  std::vector<Tensor> parameters_;
  std::unique_ptr<optim::Optimizer> optimizer_;
};

}  // namespace

const char* name_of(Quantity quantity) { return quantities[static_cast<std::size_t>(quantity)].name; }
double tolerance_of(Quantity quantity) { return quantities[static_cast<std::size_t>(quantity)].tolerance; }

double Deviation::strength() const { return size == 0 ? 0 : size / tolerance_of(quantity); }

bool Replay::passed() const {
  return std::ranges::all_of(tallies, [](const Tally& tally) { return tally.outside == 0; });
}

std::optional<Deviation> Replay::first_outside() const {
  std::optional<Deviation> first;
  for (const Tally& tally : tallies) {
    if (tally.outside > 0 && (!first || tally.first_outside.step < first->step)) first = tally.first_outside;
  }
  return first;
}

Replay replay(const Scenario& scenario, const optim::OptimizerOptions& options, std::span<const Expectation> expected) {
  if (!expected.empty() && expected.size() != scenario.steps.size()) {
    fail(ErrorKind::shape, "[replay] expectations for {} steps, but the scenario has {}", expected.size(), scenario.steps.size());
  }
  // As while training, where numbers below float32's normal range count as 0.
  const FlushDenormals guard;
  Player player(scenario, options);
  Replay result;
  Judge judge(result);
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const auto step = static_cast<Index>(i) + 1;
    judge.begin_step(step);
    const ReplayedStep& done = result.steps.emplace_back(player.step(step));
    if (!expected.empty()) player.judge(judge, done, expected[i]);
  }
  return result;
}

std::vector<Index> coordinates(const Shape& shape, Index element) {
  std::vector<Index> out(static_cast<std::size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    out[static_cast<std::size_t>(axis)] = element % shape[axis];
    element /= shape[axis];
  }
  return out;
}

namespace {

std::string element_text(const Deviation& deviation, const Scenario& scenario) {
  const Scenario::Parameter& parameter = scenario.parameters.at(deviation.tensor);
  return fmt::format("tensor {} {} at [{}]", parameter.name, parameter.shape,
                     fmt::join(coordinates(parameter.shape, deviation.element), ","));
}

}  // namespace

std::string place_text(const Deviation& deviation, const Scenario& scenario) {
  if (!is_tensor(deviation.quantity)) return fmt::format("step {}", deviation.step);
  return fmt::format("step {}, {}", deviation.step, element_text(deviation, scenario));
}

std::string deviation_text(const Deviation& deviation, const Scenario& scenario) {
  std::string what = name_of(deviation.quantity);
  if (is_tensor(deviation.quantity)) what += " of " + element_text(deviation, scenario);
  const bool is_flag = tolerance_of(deviation.quantity) == 0;
  const auto shown = [&](double value) {
    if (is_flag) return std::string(value != 0 ? "true" : "false");
    return is_tensor(deviation.quantity) ? fmt::to_string(static_cast<float>(value)) : fmt::to_string(value);
  };
  std::string text = fmt::format("step {}: {}: {} instead of {}", deviation.step, what, deviation.ours ? shown(*deviation.ours) : "none",
                                 shown(deviation.recorded));
  if (deviation.ours && !is_flag) text += fmt::format(", off by {:.3g}, allowed {:g}", deviation.size, tolerance_of(deviation.quantity));
  return text;
}

}  // namespace emotrain::train
