#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "emotrain/optim/apply.hpp"
#include "emotrain/optim/optimizer.hpp"

/// What an update rule is to an optimizer. Rules that look at one element at a time are made of a formula: elementwise.hpp.
namespace emotrain::optim {

/// The numbers of a step, as a rule gets them.
struct StepNumbers {
  /// Counted from 1. Deviation from references that count for each parameter: it is the step of the run.
  Index step = 0;
  double lr = 0;
  /// The emotion's factor on the gradient part of the step, and its scalar; 1 and 0 without an emotion.
  double drive = 1;
  double scalar = 0;
};

/// What a parameter group changes.
struct RuleGroup {
  /// Absent: 1, or whatever the rule's default is.
  std::optional<double> lr_scale = std::nullopt;
  std::optional<double> weight_decay = std::nullopt;
  /// Whether its matrices are for Muon, where that is the rule.
  bool use_muon = true;
};

/// What happens to each parameter between the shadow's blend and its companions, and the state that this takes.
class Rule {
 public:
  virtual ~Rule() = default;
  Rule(const Rule&) = delete;
  Rule& operator=(const Rule&) = delete;

  virtual std::string_view name() const = 0;
  /// Whether it decays weights, so that a group can say how much.
  virtual bool has_weight_decay() const = 0;
  /// Called once, before anything else; there is at least one group.
  virtual void use_groups(std::span<const RuleGroup> groups) = 0;
  /// Called once for each parameter, in the step of its first gradient, before its shadow: makes its state.
  virtual void attach(std::size_t index, const Tensor& parameter, std::size_t group, Index step) = 0;
  /// The numbers of a step.
  virtual void begin_step(const StepNumbers& numbers) = 0;
  /// What has to be reduced from whole gradients first, of all parameters that have one.
  virtual void prepare() {}
  /// Updates the elements [first, first + count) of a parameter that has a gradient; returns their sum (p - shadow)^2.
  virtual double apply(std::size_t index, Index first, Index count, const Companions& with) const = 0;

  virtual void state(std::vector<StateSlot>& out) const = 0;
  /// What it knows besides tensors, under names of its own.
  virtual void numbers(std::vector<StateNumbers>& /*out*/) const {}
  virtual void restore(const StateNumbers& /*numbers*/) {}

  /// Whether a parameter's evaluation weights differ from its training weights.
  virtual bool has_evaluation_weights() const { return false; }
  /// Writes those of an attached parameter.
  virtual void evaluation_weights(std::size_t /*index*/, Real* /*out*/) const {}

 protected:
  Rule() = default;
};

/// The L2 norm of a parameter's gradient, summed in tiles that depend on the size alone.
double gradient_norm(const Tensor& parameter);

/// A formula once for each parameter group, with the numbers that it makes of a step.
template <class Formula>
class PerGroup {
 public:
  static constexpr bool has_weight_decay = requires(Formula f) { f.weight_decay; };

  explicit PerGroup(const Formula& formula) : formulas_{formula}, scalars_(1) {}

  void use(std::span<const RuleGroup> groups) {
    formulas_.resize(groups.size(), formulas_.front());
    scalars_.resize(groups.size());
    groups_.assign(groups.begin(), groups.end());
    if constexpr (has_weight_decay) {
      for (std::size_t g = 0; g < groups.size(); ++g)
        formulas_[g].weight_decay = groups[g].weight_decay.value_or(formulas_[g].weight_decay);
    }
  }
  void begin_step(const StepNumbers& numbers) {
    for (std::size_t g = 0; g < formulas_.size(); ++g) {
      StepNumbers of_group = numbers;
      if (!groups_.empty()) of_group.lr *= groups_[g].lr_scale.value_or(1);
      scalars_[g] = formulas_[g].scalars(of_group);
    }
  }
  std::size_t size() const { return formulas_.size(); }
  Formula& formula(std::size_t group) { return formulas_[group]; }
  const Formula& formula(std::size_t group) const { return formulas_[group]; }
  const typename Formula::Scalars& scalars(std::size_t group) const { return scalars_[group]; }

 private:
  std::vector<Formula> formulas_;
  std::vector<typename Formula::Scalars> scalars_;
  std::vector<RuleGroup> groups_;
};

}  // namespace emotrain::optim
