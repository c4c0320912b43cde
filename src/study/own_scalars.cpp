#include "study/own_scalars.hpp"

#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/study/job.hpp"
#include "emotrain/train/trainer.hpp"

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

std::vector<double> own_scalars(const train::RunConfig& config, const data::Splits& splits, const std::function<bool()>& interrupted) {
  std::vector<double> scalars;
  if (!wants_own_scalars(config.optimizer)) return scalars;
  const FeelingTheLoss guard(config.optimizer);
  train::Trainer trainer(config, splits);
  try {
    while (!trainer.finished()) {
      if (interrupted && interrupted()) throw JobInterrupted{};
      scalars.push_back(trainer.step().emotion.value().scalar);
    }
  } catch (const Error& error) {
    // What it felt until it diverged is what there is.
    if (error.kind() != ErrorKind::numeric || scalars.empty()) throw;
  }
  return scalars;
}

}  // namespace emotrain::study
