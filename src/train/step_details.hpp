#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/report/records.hpp"

namespace emotrain::train {

/// What steps did to the parameters: at detail steps how far they and each layer moved, and in a space of few dimensions where they are.
/// Takes nothing from the heap once it is built. Source of the default interval: about 200 detail steps make a legible curve.
class StepDetails {
 public:
  /// `interval`: absent: steps / 200, rounded up; 0: never. The optimizer outlives it.
  StepDetails(const std::vector<nn::NamedTensor>& parameters, const optim::Optimizer& optimizer, std::optional<Index> interval,
              Index steps);

  Index interval() const { return interval_; }

  /// Around step number `step`, counted from 1.
  void before(Index step);
  void after(report::StepRecord& record);

 private:
  bool is_due(Index step) const { return interval_ > 0 && (step == 1 || step % interval_ == 0); }
  void measure_layers(report::StepRecord& record);
  void locate(report::StepRecord& record);

  std::vector<Tensor> parameters_;
  const optim::Optimizer& optimizer_;
  Index interval_;
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
