#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/core/options.hpp"
#include "emotrain/core/tensor.hpp"
#include "emotrain/optim/emotion.hpp"
#include "emotrain/optim/parts.hpp"
#include "emotrain/optim/shadow.hpp"

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
  /// The update rule that was in force: "navi", "adamw", ... Lives as long as the optimizer.
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

/// What an optimizer knows besides tensors: `emotion/ema_short`, `emotion/window`, ...
struct StateNumbers {
  std::string name;
  std::vector<double> values;
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
  virtual std::vector<StateNumbers> numbers() const = 0;
  /// Goes on from what state() and numbers() of an optimizer of the same options and parameters were; values are copied. To be called
  /// before the first step. Throws Error{data} if something is not part of this optimizer, or missing from what is given.
  virtual void restore(std::span<const StateSlot> state, std::span<const StateNumbers> numbers) = 0;

  /// Whether evaluations want other weights than training has: averages of them.
  virtual bool has_evaluation_weights() const = 0;
  /// Writes the evaluation weights of a parameter.
  virtual void evaluation_weights(std::size_t parameter, Real* out) const = 0;
  virtual std::span<const Tensor> parameters() const = 0;
  /// The values of a parameter's shadow; empty: it has none by now.
  virtual std::span<const Real> shadow(std::size_t parameter) const = 0;

 protected:
  Optimizer() = default;
};

/// Puts the evaluation weights into the parameters for as long as it lives; then the training weights are back, to the bit.
class EvaluationWeights {
 public:
  explicit EvaluationWeights(Optimizer& optimizer);
  ~EvaluationWeights();
  EvaluationWeights(const EvaluationWeights&) = delete;
  EvaluationWeights& operator=(const EvaluationWeights&) = delete;

 private:
  std::span<const Tensor> parameters_;
  std::vector<Tensor> training_;
};

class Rule;

/// What the parts of an optimizer want to know about the run that it is built for.
struct BuildContext {
  /// Of the parameters, in their order: what parameter groups match. May be empty if there are no groups.
  std::vector<std::string> names = {};
  std::uint64_t seed = 0;
  /// The scalars in `emotion.record`.
  std::vector<double> recorded_scalars = {};
};

/// Options of a named optimizer: its rule's, and the parts that any may carry. The emotion reads the loss, the shadow and the drive follow
/// from it; EmoNavi v1 is the rule navi with the emotion and the shadow of v1.
struct OptimizerOptions : Options {
  double lr = 1e-3;
  Maybe<EmotionOptions> emotion;
  Maybe<ShadowOptions> shadow;
  ListOf<ParameterGroupOptions> parameter_groups;
  /// False: parameters of fewer than two axes (biases, and the weights of norms) are not decayed.
  bool decay_biases_and_norms = true;
  Maybe<LookaheadOptions> lookahead;
  Maybe<ParameterEmaOptions> parameter_ema;

  /// lr. Whoever derives lists its own fields behind, and then part_fields().
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  /// Parameters keep being shared with the caller; their gradients are read at each step. Throws Error{usage} if a group matches nothing or
  /// does not fit the rule.
  std::unique_ptr<Optimizer> build(std::vector<Tensor> parameters, const BuildContext& context = {}) const;

 protected:
  void part_fields(FieldVisitor& visitor);
  virtual std::unique_ptr<Rule> rule() const = 0;
  /// Several rules, of which chooser() picks one for each step by the scalar; by default rule() alone.
  virtual std::vector<std::unique_ptr<Rule>> rules() const;
  virtual std::function<std::size_t(double scalar)> chooser() const;
};

/// All optimizers, by the name that a configuration gives.
const OptionsTable& optimizers();

}  // namespace emotrain::optim
