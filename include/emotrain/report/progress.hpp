#pragma once
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "emotrain/report/records.hpp"
#include "emotrain/report/terminal.hpp"

namespace emotrain::report {

class LiveView;

/// Shows a run to a person; each evaluation gets a line of its own. On a terminal two lines that are rewritten at most ten times a second,
/// with the fields that fit its width:
///
///      58% ━━━━━━━━━━━━━━━━━───────────── 2720/4690 · left 0:02 · 3120 steps/s · epoch 2.90
///     loss 0.3127 ▇▆▅▄▃▃▂▂▂▁▁▁ · scalar -0.41 mild relief ──●──┼───── · ratio 0.30 · shadow 1.2 · eval_accuracy 0.9312
///
/// Elsewhere a line every `logging_steps`:
///
///     2700/4690 epoch 2.87 | loss 0.3127 | left 0:02 | scalar -0.41 mild relief | ratio 0.30 | shadow 1.2 | eval_loss 0.31 | 3120 steps/s
///
/// The loss is the mean since it was last shown; beside it the course of the run, high where the loss was high. `left` and steps/s follow
/// from the steps since begin().
class Progress final : public Sink {
 public:
  /// Seconds from some point in time on.
  using Clock = double (*)();
  struct Options {
    DisplayStyle style = {};
    /// Also shows the outline's details, and those that come later.
    bool details = false;
    Clock clock = steady_seconds;
    std::size_t (*columns)(std::FILE* stream) = terminal_columns;
  };

  Progress(std::FILE* stream, const Options& options);
  ~Progress() override;

  void begin(const RunOutline& outline) override;
  /// Allocates nothing.
  void step(const StepRecord& record) override;
  void evaluation(const EvaluationRecord& record) override;
  void notice(std::string_view text) override;
  void detail(std::string_view text) override;
  void end() override;

  static double steady_seconds();

 private:
  void show(const StepRecord& record);
  void print_line(std::string_view line);

  std::FILE* stream_;
  Options options_;
  RunOutline outline_;
  /// Null where nothing is rewritten.
  std::unique_ptr<LiveView> live_;
  double started_ = 0;
  double last_shown_ = 0;
  double loss_sum_ = 0;
  Index losses_ = 0;
  /// Since begin(): a run that is resumed does not begin with step 1.
  Index steps_seen_ = 0;
  /// The metric to watch, as text: the last evaluation's accuracy if there is one, else its loss.
  std::string watched_;
};

/// 75 -> "1:15", 3675 -> "1:01:15".
std::string duration(double seconds);
/// "eval_loss 0.08114  eval_accuracy 0.9762"
std::string metrics_text(std::span<const Metric> metrics);

}  // namespace emotrain::report
