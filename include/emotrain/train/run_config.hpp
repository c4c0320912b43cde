#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/core/options.hpp"

namespace emotrain::train {

/// The section `trainer`. Names and meanings are Hugging Face's TrainingArguments where they exist there.
struct TrainerOptions : Options {
  /// Passes over the training samples. The last batch of an epoch may be smaller than the others.
  Index num_train_epochs = 3;
  /// Number of steps; wins over num_train_epochs.
  std::optional<Index> max_steps;
  /// Batches of a step: its gradient and loss are the means over them. A step never takes batches of two epochs: the last one of an epoch
  /// takes those that are left, and its means are over these.
  Index gradient_accumulation_steps = 1;
  /// Steps between evaluations on the validation samples. Absent: at the end of each epoch; 0: only at the end of the run. After the last
  /// step validation and test samples are evaluated in any case.
  std::optional<Index> eval_steps;
  /// Samples per batch of an evaluation: a matter of speed and memory; it changes the last digits of a result, and
  /// a VAE's latent noise, which is drawn by batch.
  Index eval_batch_size = 256;
  /// Steps between lines of progress on what is not a terminal, and between writes to metrics.jsonl (which has a record of every step).
  Index logging_steps = 100;
  /// Steps between those whose record tells how far the parameters moved, by layer, beside the first; absent: all of the first 64, then
  /// every second of the next 64, every fourth of the next 128, and so on; 0: none.
  std::optional<Index> detail_steps;
  /// Gradients whose L2 norm over all parameters is greater are scaled to it; absent: never.
  std::optional<double> max_grad_norm;
  /// Then elements of the gradient beyond ± this value are set to it; absent: none.
  std::optional<double> max_grad_value;
  /// Steps between checkpoints; 0: only those of best evaluations and of the last step.
  Index save_steps = 500;
  /// Checkpoints that are kept, besides that of the best evaluation and the newest; absent: all.
  std::optional<Index> save_total_limit;
  /// The evaluation whose best value gets a checkpoint: the least loss or error, or the greatest accuracy.
  std::string metric_for_best_model = "eval_loss";
  /// What evaluations measure besides loss and accuracy or error: names of train/extra_metrics.hpp.
  std::vector<std::string> extra_metrics;
  /// What a loss or gradient that is not finite does: `stop` ends the run, with a checkpoint of the last finite state; `skip` leaves out
  /// the update of that step; `warn` goes on.
  std::string on_nonfinite = "stop";
  /// Whether the run ends after the step in which the optimizer raises should_stop.
  bool stop_on_quiet = false;
  /// 0: one per core. Results do not depend on it.
  Index threads = 0;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
};

/// Throws Error{usage} for a name that is not a plain file name.
void check_plain_name(const std::string& name);

/// All that determines a run, as in its config.json.
struct RunConfig : Options {
  /// Every choice with its default: mnist, mlp, cross_entropy, emonavi, constant.
  RunConfig();

  /// Of what describes the file to editors; without meaning here.
  std::optional<std::string> schema;
  Index schema_version = 1;
  /// Names the run's directory.
  std::string name = "run";
  /// Weights, order of samples, dropout, latent noise and samples are functions of it (the validation split is not: data.split_seed).
  Index seed = 0;
  Choice data;
  Choice model;
  Choice loss;
  Choice optimizer;
  Choice scheduler;
  TrainerOptions trainer;
  /// Rows of event_kinds() (train/events.hpp).
  std::vector<Choice> events;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
};

}  // namespace emotrain::train
