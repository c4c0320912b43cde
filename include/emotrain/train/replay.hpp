#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emotrain/core/shape.hpp"
#include "emotrain/optim/optimizer.hpp"

/// An optimizer on losses and gradients that were recorded, and how far it is from what another implementation did with them.
namespace emotrain::train {

/// The values of all parameter tensors, in their order, each row-major.
using TensorValues = std::vector<std::vector<Real>>;

struct Scenario {
  struct Parameter {
    std::string name;
    Shape shape;
    std::vector<Real> initial;
  };
  struct Step {
    double loss = 0;
    /// None: the parameter has no gradient in this step.
    std::vector<std::optional<std::vector<Real>>> gradients;
  };
  std::string name;
  std::vector<Parameter> parameters;
  std::vector<Step> steps;
};

/// What was recorded after a step. What is absent is not compared.
struct Expectation {
  std::optional<double> ema_short;
  std::optional<double> ema_medium;
  std::optional<double> ema_long;
  std::optional<double> scalar;
  std::optional<double> ratio;
  std::optional<bool> should_stop;
  std::optional<bool> has_shadow;
  std::optional<TensorValues> params;
  std::optional<TensorValues> shadow;
  /// The evaluation weights.
  std::optional<TensorValues> eval_params;
};

enum class Quantity { params, shadow, eval_params, ema_short, ema_medium, ema_long, scalar, ratio, should_stop, has_shadow };
inline constexpr std::size_t quantity_count = 10;
/// As in Expectation.
const char* name_of(Quantity quantity);
/// Of |ours - recorded| / max(1, |recorded|): 2e-5 for tensors, 1e-12 for the emotion's doubles, 0 for flags.
double tolerance_of(Quantity quantity);

/// How far a value is from the recorded one.
struct Deviation {
  Quantity quantity = Quantity::params;
  Index step = 0;
  /// Of tensors.
  std::size_t tensor = 0;
  Index element = 0;
  /// None: the optimizer has no such thing.
  std::optional<double> ours;
  double recorded = 0;
  /// |ours - recorded| / max(1, |recorded|); infinite if that is no number.
  double size = 0;

  bool is_outside() const { return size > tolerance_of(quantity); }
  /// In tolerances.
  double strength() const;
};

/// All comparisons of one quantity.
struct Tally {
  Index compared = 0;
  Index outside = 0;
  Deviation worst;
  Deviation first_outside;
};

struct ReplayedStep {
  double loss = 0;
  std::optional<optim::Feeling> emotion;
  std::string rule;
  std::optional<double> shadow_distance;
  /// The one of the greatest strength; none if nothing was compared.
  std::optional<Deviation> worst;
};

struct Replay {
  std::vector<ReplayedStep> steps;
  /// By Quantity.
  std::array<Tally, quantity_count> tallies;

  const Tally& tally(Quantity quantity) const { return tallies[static_cast<std::size_t>(quantity)]; }
  bool passed() const;
  /// The value outside its tolerance that comes first: by step, then by Quantity.
  std::optional<Deviation> first_outside() const;
};

/// Runs the optimizer through all steps at its configured learning rate, as a training step would. `expected` is empty, or has an element
/// for each step. Throws Error{usage} if options and scenario do not fit, Error{shape} if expectations and scenario do not.
Replay replay(const Scenario& scenario, const optim::OptimizerOptions& options, std::span<const Expectation> expected = {});

/// "step 15: params of tensor 2 (2,3,2,2) at [1,0,0,1]: 0.25 instead of 0.35, off by 0.1, allowed 2e-05"
std::string deviation_text(const Deviation& deviation, const Scenario& scenario);
/// The place alone: "step 15, tensor 2 (2,3,2,2) at [1,0,0,1]" or "step 15".
std::string place_text(const Deviation& deviation, const Scenario& scenario);
/// The coordinates of an element of a tensor.
std::vector<Index> coordinates(const Shape& shape, Index element);

}  // namespace emotrain::train
