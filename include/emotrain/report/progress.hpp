#pragma once
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "emotrain/report/records.hpp"

namespace emotrain::report {

/// Shows a run to a person: on a terminal one line that is rewritten at most ten times a second, elsewhere a line every `logging_steps`;
/// each evaluation gets a line of its own. The loss shown is the mean since the last time it was shown.
///
///     469/938 [====>     ] loss 0.3127 | left 0:00 | scalar +0.41 | ratio 0.30 | shadow 1.2 | eval_accuracy 0.9312 | 3120 steps/s
class Progress final : public Sink {
 public:
  enum class Style { lines, live };
  /// Seconds from some point in time on.
  using Clock = double (*)();

  /// `live` for a terminal.
  static Style style_for(std::FILE* stream);
  explicit Progress(std::FILE* stream) : Progress(stream, style_for(stream), steady_seconds) {}
  Progress(std::FILE* stream, Style style, Clock clock);

  void begin(const RunOutline& outline) override;
  /// Allocates nothing.
  void step(const StepRecord& record) override;
  void evaluation(const EvaluationRecord& record) override;
  void end() override;

 private:
  static double steady_seconds();
  void compose(const StepRecord& record);
  void erase_line();
  void show();

  std::FILE* stream_;
  Style style_;
  Clock clock_;
  RunOutline outline_;
  double started_ = 0;
  double last_shown_ = 0;
  double loss_sum_ = 0;
  Index losses_ = 0;
  /// The metric to watch, as text: the last evaluation's accuracy if there is one, else its loss.
  std::string watched_;
  fmt::memory_buffer line_;
  bool line_open_ = false;
};

/// 75 -> "1:15", 3675 -> "1:01:15".
std::string duration(double seconds);
/// "eval_loss 0.08114  eval_accuracy 0.9762"
std::string metrics_text(std::span<const Metric> metrics);

}  // namespace emotrain::report
