#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "emotrain/nn/structure.hpp"
#include "emotrain/train/run_config.hpp"

/// What a run would be: sizes, memory and time, known before it is started.
namespace emotrain::train {

/// In bytes.
struct MemoryForecast {
  /// Samples, labels, and the lists of the parts.
  Index data = 0;
  /// Parameters and buffers.
  Index weights = 0;
  Index gradients = 0;
  /// Shadows included, also if none was begun while rehearsing.
  Index optimizer_state = 0;
  /// Of a training step or of an evaluation's batch, which use the same memory one after the other: results of layers, their gradients, and
  /// the kernels' workspaces. Without a rehearsal only what the layers' results of one batch take.
  Index activations = 0;
  /// The program, its libraries, and what reading the data took at its peak beyond the data.
  Index rest = 0;

  Index peak() const { return data + weights + gradients + optimizer_state + activations + rest; }
};

/// In seconds of wall time on this machine, as busy as it is now.
struct TimeForecast {
  /// Mean of the steps that were rehearsed.
  double step = 0;
  double steps = 0;
  /// All of the run, the last ones included.
  double evaluations = 0;
};

struct Forecast {
  nn::Structure structure;
  std::string data;
  Index classes = 0;
  Index train_samples = 0;
  Index validation_samples = 0;
  Index test_samples = 0;
  Index steps = 0;
  Index steps_per_epoch = 0;
  MemoryForecast memory;
  /// None if nothing was rehearsed: what the model needs at least is more than the machine's memory.
  std::optional<TimeForecast> time;
};

struct ForecastRequest {
  const RunConfig& config;
  /// As RunRequest::init_from.
  std::optional<std::filesystem::path> init_from = std::nullopt;
  bool init_partial = false;
  /// For the rehearsal: it ends with the first step beyond, after two to warm up.
  double seconds = 0.5;
  /// In bytes; none: the machine's.
  std::optional<Index> available_memory = std::nullopt;
};

/// Loads the data and builds all that the run would (and throws what run() does before it creates its directory), then rehearses: takes the
/// first steps of the run and evaluates a few batches. Writes nothing. Throws Error{numeric} if one of these steps fails, as it would in
/// the run.
Forecast forecast(const ForecastRequest& request);

}  // namespace emotrain::train
