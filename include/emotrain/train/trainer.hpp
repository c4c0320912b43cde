#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "emotrain/data/batches.hpp"
#include "emotrain/data/dataset.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/train/checkpoint.hpp"
#include "emotrain/train/run_config.hpp"
#include "emotrain/train/training_step.hpp"

namespace emotrain::train {

class ActiveEvents;
class BatchLoader;
class ExtraMetrics;
class StepDetails;

/// Loads what the section `data` names. Throws as data::load_splits does; Error{usage} begins with the key's JSON pointer.
data::Splits load_data(const RunConfig& config);

/// A model in training, as a RunConfig describes it: steps and evaluations, no files.
class Trainer {
 public:
  /// Builds model, optimizer and schedule; `config` must outlive it. Throws Error{usage}, beginning with the key's JSON pointer, if they,
  /// loss and data do not fit each other. `recorded_scalars` are what emotion.record would be read for: then it is not.
  Trainer(const RunConfig& config, data::Splits splits, std::span<const double> recorded_scalars = {});
  ~Trainer();

  /// ceil(batches of an epoch / trainer.gradient_accumulation_steps), as in Hugging Face's Trainer.
  Index steps_per_epoch() const;
  /// Of the whole run, unless it ends earlier.
  Index steps() const { return steps_; }
  Index steps_done() const { return done_; }
  double epochs_done() const;
  /// The first step in which the optimizer raised should_stop.
  std::optional<Index> should_stop_at() const { return should_stop_at_; }
  /// All steps are done, or trainer.stop_on_quiet ends the run here.
  bool finished() const { return done_ >= steps_ || (options_.stop_on_quiet && should_stop_at_.has_value()); }

  /// The next step. Once all batch sizes have been seen it takes nothing from the heap. Throws Error{numeric} as TrainingStep::run does.
  report::StepRecord step();
  /// Whether an evaluation is due after the last step, by trainer.eval_steps. Not after the run's last step: finish() evaluates.
  bool evaluation_due() const;
  /// Whether the run has the metric that trainer.metric_for_best_model names.
  bool has_best_metric() const { return !splits_.validation.empty(); }
  /// Of two values of it.
  bool is_better(double value, double than) const;
  /// On the validation samples, with the optimizer's evaluation weights: eval_loss, eval_accuracy (classification) or eval_mse
  /// (reconstruction), then those of trainer.extra_metrics; empty if there are no samples. Throws Error{numeric} if the loss is not finite.
  std::vector<report::Metric> validate();
  /// Hands the scheduler the metric that it watches, if any. For the evaluations that evaluation_due() asked for.
  void observe(std::span<const report::Metric> metrics);
  /// On validation and test samples: also test_loss, ...
  std::vector<report::Metric> finish();
  /// One part of the data: "train", "validation" or "test"; the metrics are named train_loss, eval_loss, test_loss, ... Throws Error{usage}
  /// if there is no such part.
  std::vector<report::Metric> evaluate(const std::string& split);

  /// Weights, optimizer state, and what the trainer itself knows; tensors share memory with those in training.
  Checkpoint checkpoint() const;
  /// To be called before the first step. Throws Error{usage, data} if weights or state do not fit; the trainer is then of no further use.
  void restore(const Checkpoint& checkpoint);
  /// The same with the checkpoint of a run `of` another optimizer, schedule or trainer on the same data, model and seed: weights, step and
  /// batches go on; the optimizer's state as Optimizer::adopt() says, where another name means other rules, whose updates are counted anew;
  /// what a schedule has learned from a metric where both watch the same one, its learning rate in proportion to optimizer.lr. Tells what
  /// of the optimizer's state did not go on.
  optim::Adoption adopt(const Checkpoint& checkpoint, const RunConfig& of);
  /// The optimizer's, in its order.
  const std::vector<std::string>& parameter_names() const { return parameter_names_; }

  nn::Model& model() { return *model_; }
  optim::Optimizer& optimizer() { return *optimizer_; }
  const nn::LossOptions& loss() const { return *loss_; }
  const data::Splits& splits() const { return splits_; }
  /// Of trainer.extra_metrics, for evaluations that the trainer does not make itself.
  ExtraMetrics& extra_metrics() { return *extra_metrics_; }
  /// The data sets that events switch to.
  std::vector<std::shared_ptr<const data::Dataset>> event_sets() const;

 private:
  /// The number of batches before step `step`, counted from 0.
  Index batches_before(Index step) const;
  /// Those of an evaluation of these samples; none of none.
  void append_scores(const char* prefix, const data::Dataset& set, std::span<const std::int32_t> indices, std::vector<report::Metric>& out);

  const RunConfig& config_;
  const TrainerOptions& options_;
  const optim::SchedulerOptions& scheduler_;
  std::uint64_t seed_;
  data::Splits splits_;
  std::unique_ptr<nn::Model> model_;
  const nn::LossOptions* loss_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  TrainingStep training_step_;
  data::Batches batches_;
  std::unique_ptr<BatchLoader> loader_;
  std::unique_ptr<ExtraMetrics> extra_metrics_;
  /// Null without events.
  std::unique_ptr<ActiveEvents> events_;
  Index steps_;
  std::unique_ptr<optim::Schedule> schedule_;
  std::vector<std::string> parameter_names_;
  std::unique_ptr<StepDetails> details_;
  Index done_ = 0;
  Index updates_ = 0;
  std::optional<Index> should_stop_at_;
};

}  // namespace emotrain::train
