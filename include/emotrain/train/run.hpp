#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/report/records.hpp"
#include "emotrain/train/checkpoint.hpp"
#include "emotrain/train/run_config.hpp"

namespace emotrain::train {

/// Where a run that begins behind another's checkpoint comes from.
struct BranchPoint {
  /// The run that the checkpoint belongs to, wherever that lies.
  FoundCheckpoint from;
  /// That run's configuration, where the branch has another one on the same data, model and seed: then state goes on as far as it fits
  /// (Trainer::adopt). Null: the same one, and all of it does. Outlives the run.
  const RunConfig* config_of_from = nullptr;
};

/// One run of the main job.
struct RunRequest {
  /// Outlives the run.
  const RunConfig& config;
  /// The text of config.json: `config` with every default filled in, from the layer that knows JSON. Written as it is.
  std::string resolved_config;
  /// The text of config.user.json: the configuration as it was given. Empty: it is not written.
  std::string user_config = {};
  /// Exactly this directory, new or empty; else the first free `runs/<name>-<n>`, n = 1, 2, ...
  std::optional<std::filesystem::path> output_dir = std::nullopt;
  /// An earlier run in output_dir is replaced.
  bool overwrite = false;
  /// Initial weights: every name and shape of the model's parameters and buffers, and no other; with `init_partial` those that fit.
  std::optional<std::filesystem::path> init_from = std::nullopt;
  bool init_partial = false;
  /// Goes on from this checkpoint in its run: what the records hold behind it is cut off, later checkpoints are removed.
  std::optional<FoundCheckpoint> resume = std::nullopt;
  /// A new directory, whose records begin behind this checkpoint; the branch has a copy of it as its own first one.
  std::optional<BranchPoint> branch = std::nullopt;
  /// The variables of the environment that are part of `config`, with their values, for the manifest.
  std::vector<std::pair<std::string, std::string>> environment = {};
  /// Shows progress (report/progress.hpp); null: silent. Outlives the run.
  report::Sink* display = nullptr;
  /// Asked after each step: true ends the run there, with a checkpoint.
  std::function<bool()> interrupted = {};
  /// Called with the run's directory when the run has ended, however it did, and its manifest tells so. Does not throw.
  std::function<void(const std::filesystem::path& directory)> ended = {};
  /// Outlives the run. Data sets and init_from are read from the disk.
  FileSystem* files = &disk();
};

struct RunResult {
  enum class Status { completed, interrupted };
  Status status = Status::completed;
  /// As given or created: relative to the current directory unless --output-dir was absolute.
  std::filesystem::path directory;
  /// Files there: config.json, metrics.jsonl, model.safetensors, ...
  std::vector<std::string> files;
  Index steps = 0;
  /// The first step in which the optimizer raised should_stop: with trainer.stop_on_quiet the last one.
  std::optional<Index> should_stop_at = std::nullopt;
  /// Passes over the training samples, the last one perhaps in part.
  double epochs = 0;
  /// Wall time of all training steps with their records, checkpoints, and the evaluations between them.
  double seconds = 0;
  /// Loss of the last step.
  double loss = 0;
  /// The evaluation with the best trainer.metric_for_best_model.
  std::optional<TrainerState::Best> best = std::nullopt;
  /// Of a branch: what of the optimizer's state did not go on.
  optim::Adoption adoption = {};
  /// The final evaluation: eval_loss, eval_accuracy, test_loss, test_accuracy, ... as in the last line of metrics.jsonl.
  std::vector<report::Metric> metrics;
};

/// Loads the data, builds the model, trains it, evaluates it and writes the run directory: manifest.json, config.json, metrics.jsonl (one
/// record a step, evaluations between them), checkpoints (train/checkpoint.hpp), model.safetensors, for autoencoders reconstructions.png,
/// for models with a decoder of latents samples.png. What is wrong with configuration, data, --init-from or the checkpoint is found before
/// anything is created or changed. Throws
///   Error{usage}          options that do not fit each other or the data, or weights that do not fit the model
///   Error{data, missing}  from the data set, the file of weights, or the checkpoint
///   Error{cannot_create}  the directory exists and is not empty, or cannot be created
///   Error{numeric}        a loss, gradient or weight that is not finite, naming the step and the op or parameter: metrics.jsonl and the
///                         newest checkpoint then end with the last good step, and no final weights are written
///   Error{io}             writing failed
/// manifest.json tells how the run ended: completed, interrupted, diverged, failed; `running`: it has not, or was killed.
RunResult run(const RunRequest& request);

}  // namespace emotrain::train
