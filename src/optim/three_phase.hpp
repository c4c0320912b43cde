#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/rule.hpp"

namespace emotrain::optim {

/// An optimizer is emotion x shadow x rule, and what accompanies it. Any part but the rule can be left out.
struct Composition {
  /// Several rules: `options.choose` picks one for each step by the emotion's scalar.
  std::vector<std::unique_ptr<Rule>> rules;
  std::optional<Emotion> emotion = std::nullopt;
  std::optional<ShadowOptions> shadow = std::nullopt;
  std::optional<LookaheadOptions> lookahead = std::nullopt;
  std::optional<ParameterEmaOptions> parameter_ema = std::nullopt;
  std::vector<RuleGroup> groups = {{}};
  /// By parameter: its place in `groups`.
  std::vector<std::size_t> group_of = {};
};

/// A step in three phases: begin_step (numbers: emotion, ratio, drive, which rule, from the loss), prepare (what a rule reduces from whole
/// gradients), apply (one pass over memory: shadow, rule, companions, distance). Tiles depend on the shapes alone, and their sums are added
/// in order: the results are the same for any number of threads.
class ThreePhase final : public Optimizer {
 public:
  ThreePhase(std::vector<Tensor> parameters, Composition composition, std::function<std::size_t(double)> choose);

  StepReport step(const StepContext& context) override;
  std::vector<StateSlot> state() const override;
  std::vector<StateNumbers> numbers() const override;
  void restore(std::span<const StateSlot> state, std::span<const StateNumbers> numbers) override;
  bool has_evaluation_weights() const override;
  void evaluation_weights(std::size_t parameter, Real* out) const override;
  std::span<const Tensor> parameters() const override { return parameters_; }
  std::span<const Real> shadow(std::size_t parameter) const override {
    const Entry& entry = entries_[parameter];
    return entry.has_shadow ? entry.shadow.values() : std::span<const Real>();
  }

 private:
  struct Entry {
    /// Memory from the first gradient on, so that a shadow may begin at any step without taking any; values from when it began.
    Tensor shadow;
    Tensor slow;
    Tensor average;
    Companions with;
    bool attached = false;
    bool has_shadow = false;
  };
  struct Tile {
    std::size_t entry;
    Index first, count;
    /// Sum (p - shadow)^2 of the last step.
    double distance;
  };

  Feeling feel(const StepContext& context);
  void attach(std::size_t index, Index step);
  void accompany(std::size_t index, const Feeling& feeling, Index step, bool first_gradient);
  ShadowStep shadow_step(std::size_t index, const Feeling& feeling);
  std::optional<double> shadow_distance() const;

  std::vector<Tensor> parameters_;
  Composition parts_;
  std::function<std::size_t(double)> choose_;
  std::vector<Entry> entries_;
  std::vector<Tile> tiles_;
};

}  // namespace emotrain::optim
