#pragma once
#include <functional>
#include <optional>
#include <string>

#include "command_line.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/train/run.hpp"

/// What --resume, --overwrite and --output-dir mean for a run.
struct StartingPoint {
  std::optional<std::filesystem::path> output_dir;
  bool overwrite = false;
  std::optional<emotrain::train::FoundCheckpoint> checkpoint;
  /// The run is complete: there is nothing to do.
  bool is_finished = false;
};

/// The file that --init-from names: of a run or a checkpoint the one with its weights. Throws Error{missing}.
std::optional<std::string> initial_weights(const TrainCommand& command);

/// The file that a command trains by: --config, or the config.json of the run that --resume names. Throws Error{usage, missing}.
std::string config_file(const TrainCommand& command);

/// Throws Error{usage} if the run to go on with has another configuration, beyond max_steps and what only concerns what is shown or kept;
/// Error{missing, data} if there is nothing to go on with.
StartingPoint find_start(const TrainCommand& command, const emotrain::train::RunConfig& config, const std::string& resolved);
