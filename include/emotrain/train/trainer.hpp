#pragma once
#include <memory>
#include <vector>

#include "emotrain/data/batches.hpp"
#include "emotrain/data/dataset.hpp"
#include "emotrain/train/run_config.hpp"
#include "emotrain/train/training_step.hpp"

namespace emotrain::train {

class BatchLoader;

/// Loads what the section `data` names. Throws as data::load_splits does; Error{usage} begins with the key's JSON pointer.
data::Splits load_data(const RunConfig& config);

/// A model in training, as a RunConfig describes it: steps and evaluations, no files.
class Trainer {
 public:
  /// Builds model and optimizer; `config` must outlive it. Throws Error{usage}, beginning with the key's JSON pointer, if model, loss and
  /// data do not fit each other.
  Trainer(const RunConfig& config, data::Splits splits);
  ~Trainer();

  Index steps_per_epoch() const { return batches_.batches_per_epoch(); }
  /// Of the whole run.
  Index steps() const { return steps_; }
  Index steps_done() const { return done_; }
  double epochs_done() const { return static_cast<double>(done_) / static_cast<double>(steps_per_epoch()); }

  /// The next step. Once all batch sizes have been seen it takes nothing from the heap. Throws Error{numeric} as TrainingStep::run does.
  report::StepRecord step();
  /// Whether an evaluation is due after the last step, by trainer.eval_steps. Not after the run's last step: finish() evaluates.
  bool evaluation_due() const;
  /// On the validation samples: eval_loss, eval_accuracy (classification) or eval_mse (reconstruction); empty if there are none. Throws
  /// Error{numeric} if the loss is not finite.
  std::vector<report::Metric> validate();
  /// On validation and test samples: also test_loss, ...
  std::vector<report::Metric> finish();

  nn::Model& model() { return *model_; }
  const nn::LossOptions& loss() const { return *loss_; }
  const data::Splits& splits() const { return splits_; }

 private:
  const TrainerOptions& options_;
  std::uint64_t seed_;
  data::Splits splits_;
  std::unique_ptr<nn::Model> model_;
  const nn::LossOptions* loss_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  TrainingStep training_step_;
  data::Batches batches_;
  std::unique_ptr<BatchLoader> loader_;
  Index steps_;
  Index done_ = 0;
};

}  // namespace emotrain::train
