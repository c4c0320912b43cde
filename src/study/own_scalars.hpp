#pragma once
#include <vector>

#include "emotrain/core/options.hpp"

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

}  // namespace emotrain::study
