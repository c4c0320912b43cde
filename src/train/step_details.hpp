#pragma once
#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/report/records.hpp"

namespace emotrain::train {

/// Whether a run looks closer at a step: the first, and where an interval is given those that it divides, else so many in each doubling of
/// the steps: all up to twice that number, then every second, fourth, and so on. It does not depend on how long the run is to be, for one
/// that is made longer must leave the same records.
inline bool is_detail_step(Index step, std::optional<Index> interval, Index per_doubling) {
  if (interval) return *interval > 0 && (step == 1 || step % *interval == 0);
  const auto spread = std::bit_floor(static_cast<std::uint64_t>(std::max<Index>(1, step / per_doubling)));
  return step % static_cast<Index>(spread) == 0;
}

/// What steps did to the parameters: at detail steps how far they and each layer moved, and in a space of few dimensions where they are.
/// Takes nothing from the heap once it is built.
class StepDetails {
 public:
  /// The optimizer outlives it.
  StepDetails(const std::vector<nn::NamedTensor>& parameters, const optim::Optimizer& optimizer, std::optional<Index> interval);

  /// Around step number `step`, counted from 1.
  void before(Index step);
  void after(report::StepRecord& record);

 private:
  bool is_due(Index step) const { return is_detail_step(step, interval_, 32); }
  void measure_layers(report::StepRecord& record);
  void locate(report::StepRecord& record);

  std::vector<Tensor> parameters_;
  const optim::Optimizer& optimizer_;
  std::optional<Index> interval_;
  /// By parameter: its place in layers_.
  std::vector<std::size_t> layer_of_;
  std::vector<std::string> names_;
  std::vector<report::LayerRecord> layers_;
  /// Copies of the parameters before the step; empty where there are no detail steps.
  std::vector<std::vector<Real>> kept_;
  /// Empty in a space of more dimensions.
  std::vector<double> point_;
  std::vector<double> shadow_point_;
};

}  // namespace emotrain::train
