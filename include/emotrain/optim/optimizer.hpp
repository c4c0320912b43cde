#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/core/options.hpp"
#include "emotrain/core/tensor.hpp"
#include "emotrain/optim/emotion.hpp"

namespace emotrain::optim {

/// What the trainer hands to every optimizer at every step, used or not. Time and the loss belong to the framework.
struct StepContext {
  /// Counted from 1.
  Index step = 0;
  /// The loss of this step, before the update.
  double loss = 0;
  /// The learning rate of this step (after any scheduler).
  double lr = 0;
};

/// What an optimizer tells about a step.
struct StepReport {
  /// Absent in an optimizer without an emotion.
  std::optional<Feeling> emotion;
  /// The update rule that was in force: "navi", "adamw", ...
  std::string_view rule;
  /// sqrt(sum (p - shadow)^2) over all parameters after the step; absent while there is no shadow.
  std::optional<double> shadow_distance;
};

/// A state tensor of a parameter, for checkpoints and tests: `exp_avg`, `exp_avg_sq`, `shadow`, ...
struct StateSlot {
  /// Where an optimizer has several rules: `RULE/SLOT`.
  std::string name;
  std::size_t parameter;
  Tensor value;
};

/// Updates parameters from their gradients. Parameters without a gradient in a step are left out of everything.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// One update of all parameters that have a gradient. `context.step` must be one more than at the last call.
  virtual StepReport step(const StepContext& context) = 0;
  /// The state tensors that exist by now. They are made when a parameter gets its first gradient, shadows when they are first needed.
  virtual std::vector<StateSlot> state() const = 0;
  /// What the optimizer knows besides tensors; null without an emotion.
  virtual Emotion* emotion() noexcept = 0;

 protected:
  Optimizer() = default;
};

/// Options of a named optimizer.
struct OptimizerOptions : Options {
  double lr = 1e-3;
  /// Parameters keep being shared with the caller; their gradients are read at each step.
  virtual std::unique_ptr<Optimizer> build(std::vector<Tensor> parameters) const = 0;
};

/// All optimizers, by the name that a configuration gives.
const OptionsTable& optimizers();

}  // namespace emotrain::optim
