#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "emotrain/optim/optimizer.hpp"
#include "optim/rule.hpp"

namespace emotrain::optim {

/// An optimizer is emotion x shadow x rule. Any part but the rule can be left out.
struct Composition {
  /// Several rules: `choose` picks one for each step by the emotion's scalar.
  std::vector<std::unique_ptr<Rule>> rules;
  std::size_t (*choose)(double scalar) = nullptr;
  std::optional<Emotion> emotion = std::nullopt;
  /// Null: no shadow.
  RatioFormula shadow_ratio = nullptr;
  /// Whether the scalar enters the stop window once for each tensor with a gradient, rather than once a step.
  bool stop_history_per_tensor = false;
};

/// A step in three phases: begin_step (numbers: emotion, ratio, drive, which rule, from the loss), prepare (what a rule reduces from whole
/// gradients), apply (one pass over memory: shadow, rule, distance). Tiles depend on the shapes alone, and their sums are added in order:
/// the results are the same for any number of threads.
class ThreePhase final : public Optimizer {
 public:
  ThreePhase(std::vector<Tensor> parameters, Composition composition);

  StepReport step(const StepContext& context) override;
  std::vector<StateSlot> state() const override;
  Emotion* emotion() noexcept override { return parts_.emotion ? &*parts_.emotion : nullptr; }

 private:
  struct Entry {
    Tensor parameter;
    /// Memory from the first gradient on, so that a shadow may begin at any step without taking any; values from when it began.
    Tensor shadow;
    ShadowStep shadow_step;
    bool attached = false;
    bool has_shadow = false;
  };
  struct Tile {
    std::size_t entry;
    Index first, count;
    /// Sum (p - shadow)^2 of the last step.
    double distance;
  };

  Index count_gradients() const;
  void begin_shadow(Entry& entry, double ratio);
  std::optional<double> shadow_distance() const;

  Composition parts_;
  std::vector<Entry> entries_;
  std::vector<Tile> tiles_;
};

}  // namespace emotrain::optim
