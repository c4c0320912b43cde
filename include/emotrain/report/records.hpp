#pragma once
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/core/real.hpp"

namespace emotrain::report {

/// The parameters whose names are alike up to the last dot, after a step: L2 norms.
struct LayerRecord {
  std::string_view name;
  double norm = 0;
  /// Of what the step changed.
  double moved = 0;
  /// Of parameters less shadows; absent where there is no shadow.
  std::optional<double> shadow_distance = std::nullopt;
};

/// Everything that a training step knows. The trainer fills one in a step; sinks consume it; nothing else prints metrics.
struct StepRecord {
  /// Counted from 1.
  Index step = 0;
  /// Passes over the training samples that are complete after this step: batches so far / batches in an epoch.
  double epoch = 0;
  /// Of the step's batch, before the update; of several accumulated batches the mean.
  double loss = 0;
  /// Of this step, as the schedule has it.
  double learning_rate = 0;
  /// L2 norm over all parameters, before clipping.
  double grad_norm = 0;

  /// What the optimizer feels (spec of the Emo family, "Emotion"); absent for optimizers that do not.
  struct Feeling {
    double ema_short = 0;
    double ema_medium = 0;
    double ema_long = 0;
    double scalar = 0;
    double ratio = 0;
    double drive = 1;
    bool should_stop = false;
  };
  std::optional<Feeling> emotion = std::nullopt;
  /// The update rule in force: "navi", "adamw", ... Static storage.
  std::string_view rule = {};
  /// sqrt(sum (p - shadow)^2) over all parameters after the step; absent without a shadow.
  std::optional<double> shadow_distance = std::nullopt;
  /// Of a model that is a point in a space of few dimensions: where it and its shadow are after the step. These views, and those of a
  /// step's layers, hold until the next step.
  std::span<const double> point = {};
  std::span<const double> shadow_point = {};
  /// At detail steps (trainer.detail_steps): the L2 norm of what this step changed in all parameters, and the same by layer.
  std::optional<double> moved = std::nullopt;
  std::span<const LayerRecord> layers = {};
  /// The kinds of the events in this step (train/events.hpp), each once. Valid until the next step.
  std::span<const std::string_view> events = {};
  /// What was not finite in this step, where the run goes on nevertheless; empty: nothing.
  std::string fault = {};
};

/// A loss as records have it: the sign that NaN may have says nothing, and would be shown.
inline double loss_of_record(double loss) { return std::isnan(loss) ? std::abs(loss) : loss; }

struct Metric {
  /// `eval_loss`, `eval_accuracy` on validation samples, `test_loss`, ... on test samples.
  std::string name;
  double value = 0;
};

/// What an evaluation after some step found.
struct EvaluationRecord {
  Index step = 0;
  double epoch = 0;
  std::span<const Metric> metrics;
};

/// What a model made, as it was after some step.
struct PictureRecord {
  Index step = 0;
  /// "reconstructions", "samples".
  std::string_view name;
  Index width = 0;
  Index height = 0;
  /// 1 (grey) or 3 (red, green, blue)
  Index channels = 1;
  /// The bytes of a PNG file.
  std::string_view png;
};

/// What a sink may want to know before the first record.
struct RunOutline {
  std::string name;
  Index steps = 0;
  Index logging_steps = 1;
  /// Steps done before, of a run that is resumed.
  Index done = 0;
  /// Lines about data, model, optimizer and so on, for those who want to know more.
  std::vector<std::string> details = {};
};

/// Consumes the records of a run: begin, any number of the others, end (also after a failure).
class Sink {
 public:
  virtual ~Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  virtual void begin(const RunOutline& outline) = 0;
  virtual void step(const StepRecord& record) = 0;
  virtual void evaluation(const EvaluationRecord& record) = 0;
  virtual void picture(const PictureRecord& /*record*/) {}
  /// Something that a person should know: a step was skipped.
  virtual void notice(std::string_view /*text*/) {}
  /// Something for those who want to know more: a checkpoint was written.
  virtual void detail(std::string_view /*text*/) {}
  virtual void end() = 0;

 protected:
  Sink() = default;
};

}  // namespace emotrain::report
