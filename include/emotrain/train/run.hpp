#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emotrain/report/records.hpp"
#include "emotrain/train/run_config.hpp"

namespace emotrain::train {

/// One run of the main job.
struct RunRequest {
  /// Outlives the run.
  const RunConfig& config;
  /// The text of config.json: `config` with every default filled in, from the layer that knows JSON. Written as it is.
  std::string resolved_config;
  /// Exactly this directory, new or empty; else the first free `runs/<name>-<n>`, n = 1, 2, ...
  std::optional<std::filesystem::path> output_dir = std::nullopt;
  /// Initial weights: every name and shape of the model's parameters and buffers, and no other.
  std::optional<std::filesystem::path> init_from = std::nullopt;
  /// The variables of the environment that are part of `config`, with their values, for the manifest.
  std::vector<std::pair<std::string, std::string>> environment = {};
  /// Shows progress (report/display.hpp); null: silent. Outlives the run.
  report::Sink* display = nullptr;
};

struct RunResult {
  /// As given or created: relative to the current directory unless --output-dir was absolute.
  std::filesystem::path directory;
  /// Files written there, in the order of writing: config.json, metrics.jsonl, model.safetensors, ...
  std::vector<std::string> files;
  Index steps = 0;
  /// The first step in which the optimizer raised should_stop: with trainer.stop_on_quiet the last one.
  std::optional<Index> should_stop_at = std::nullopt;
  /// Passes over the training samples, the last one perhaps in part.
  double epochs = 0;
  /// Wall time of all training steps with their records and of the evaluations between them.
  double seconds = 0;
  /// Loss of the last step.
  double loss = 0;
  /// The final evaluation: eval_loss, eval_accuracy, test_loss, test_accuracy, ... as in the last line of metrics.jsonl.
  std::vector<report::Metric> metrics;
};

/// Loads the data, builds the model, trains it, evaluates it and writes the run directory: config.json, metrics.jsonl (one record a step,
/// evaluations between them), model.safetensors, for autoencoders reconstructions.png, for models with a decoder of latents samples.png,
/// and last manifest.json. What is wrong with configuration, data or --init-from is found before the directory is created. Throws
///   Error{usage}          options that do not fit each other or the data, or weights that do not fit the model
///   Error{data, missing}  from the data set or the file of weights
///   Error{cannot_create}  the directory exists and is not empty, or cannot be created
///   Error{numeric}        a loss, gradient or weight that is not finite, naming the step and the parameter: metrics.jsonl then ends with
///                         the last good step, manifest.json tells the error, and no weights are written
///   Error{io}             writing failed
RunResult run(const RunRequest& request);

}  // namespace emotrain::train
