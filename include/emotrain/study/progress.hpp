#pragma once
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "emotrain/report/terminal.hpp"
#include "emotrain/study/execution.hpp"

namespace emotrain::study {

/// Shows a study at work to a person. On a terminal a table that is rewritten, a row a problem:
///
///      41% ━━━━━━━━━━──────────────── 1148/2800 jobs · left 12:31
///     digits_mlp       280/280  adamw 0.0334 · emonavi 0.0502 · lion 0.0612
///     mnist_mlp        121/280  adamw 0.0612 · emonavi 0.0788
///
/// as many as the terminal has lines for, those with work left first,
/// with the medians so far of the best optimizers, of the first track that has any. Elsewhere a line every ten seconds.
class StudyProgress final : public Watcher {
 public:
  /// `jobs`: all that this process has to do, those that `records` has already included.
  StudyProgress(std::FILE* stream, report::DisplayStyle style, const Study& study, const Workbench& workbench,
                const std::vector<JobKey>& jobs, const Records& records, int workers);
  ~StudyProgress() override;

  void begin(const JobKey& key) override;
  void end(const JobKey& key, const JobRecord& record) override;
  void tick() override;

 private:
  struct Row {
    Index jobs = 0;
    Index done = 0;
    /// Of those that this process did.
    Index timed = 0;
    double seconds = 0;
    std::map<std::pair<Track, std::size_t>, std::vector<double>> scores;
  };

  void count(const JobKey& key, const JobRecord& record);
  double seconds_left() const;
  std::string bar(std::size_t columns) const;
  std::string row_text(std::size_t problem, std::size_t columns) const;
  void draw();
  void print_line();

  std::FILE* stream_;
  report::DisplayStyle style_;
  const Study& study_;
  const Workbench& workbench_;
  int workers_;
  std::vector<Row> rows_;
  Index jobs_ = 0;
  Index done_ = 0;
  double last_line_ = 0;
  /// Lines that are on the terminal now.
  std::size_t drawn_ = 0;
};

}  // namespace emotrain::study
