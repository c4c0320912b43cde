#include "study/own_scalars.hpp"

#include <utility>

#include "emotrain/optim/optimizer.hpp"
#include "emotrain/study/job.hpp"

namespace emotrain::study {
namespace {

optim::OptimizerOptions& options_of(const Choice& optimizer) { return dynamic_cast<optim::OptimizerOptions&>(*optimizer.options); }

}  // namespace

bool wants_own_scalars(const Choice& optimizer) {
  const auto& emotion = options_of(optimizer).emotion;
  return emotion && emotion->record == own_record;
}

FeelingTheLoss::FeelingTheLoss(const Choice& optimizer)
    : optimizer_(optimizer), source_(std::exchange(options_of(optimizer).emotion->source, "loss")) {
  options_of(optimizer).emotion->record.reset();
}

FeelingTheLoss::~FeelingTheLoss() {
  options_of(optimizer_).emotion->source = source_;
  options_of(optimizer_).emotion->record = own_record;
}

}  // namespace emotrain::study
