#pragma once
#include <functional>
#include <vector>

#include "emotrain/data/dataset.hpp"
#include "emotrain/train/run_config.hpp"

namespace emotrain::study {

/// Whether an optimizer's emotion wants the scalars of the job's own run (job.hpp).
bool wants_own_scalars(const Choice& optimizer);

/// While it lives, such an optimizer's emotion feels the loss instead.
class FeelingTheLoss {
 public:
  explicit FeelingTheLoss(const Choice& optimizer);
  ~FeelingTheLoss();
  FeelingTheLoss(const FeelingTheLoss&) = delete;
  FeelingTheLoss& operator=(const FeelingTheLoss&) = delete;

 private:
  const Choice& optimizer_;
  std::string source_;
};

/// The scalars of a run whose emotion feels the loss, for one that wants them; else none. Throws JobInterrupted once `interrupted` says so.
std::vector<double> own_scalars(const train::RunConfig& config, const data::Splits& splits, const std::function<bool()>& interrupted);

}  // namespace emotrain::study
