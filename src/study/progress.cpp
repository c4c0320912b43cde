#include "emotrain/study/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "emotrain/report/progress.hpp"
#include "emotrain/study/statistics.hpp"
#include "study/share_bar.hpp"

namespace emotrain::study {
namespace {

constexpr double line_interval = 10;
constexpr std::size_t shown_arms = 4;

/// What its rows show; where a problem does not say, what every training has.
std::string metric_name(const ProblemOptions& problem) { return problem.metric.value_or(problem.function ? "value" : "eval_loss"); }

}  // namespace

StudyProgress::StudyProgress(std::FILE* stream, report::DisplayStyle style, const Study& study, const Workbench& workbench,
                             const std::vector<JobKey>& jobs, const Records& records, int workers)
    : stream_(stream), style_(style), study_(study), workbench_(workbench), workers_(workers), rows_(study.problems()) {
  jobs_ = std::ssize(jobs);
  for (const JobKey& job : jobs) {
    ++rows_[job.problem].jobs;
    if (const auto record = records.find(job); record != records.end()) count(job, record->second);
  }
  last_line_ = report::Progress::steady_seconds();
}

StudyProgress::~StudyProgress() {
  if (drawn_ > 0) draw();
}

void StudyProgress::begin(const JobKey&) {}

void StudyProgress::count(const JobKey& key, const JobRecord& record) {
  Row& row = rows_[key.problem];
  ++row.done;
  ++done_;
  if (key.trial) return;
  const ProblemOptions& problem = study_.problem(key.problem);
  const auto score = record.find_metric(metric_name(problem));
  if (score) row.scores[{key.track, key.arm}].push_back(*score);
}

void StudyProgress::end(const JobKey& key, const JobRecord& record) {
  count(key, record);
  Row& row = rows_[key.problem];
  ++row.timed;
  row.seconds += record.seconds;
}

double StudyProgress::seconds_left() const {
  double seconds = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    const double each = row.timed > 0 ? row.seconds / static_cast<double>(row.timed) : workbench_.seconds(i);
    seconds += each * static_cast<double>(row.jobs - row.done);
  }
  return seconds / workers_;
}

std::string StudyProgress::bar(std::size_t columns) const {
  const double part = jobs_ == 0 ? 1 : static_cast<double>(done_) / static_cast<double>(jobs_);
  const char* dot = style_.unicode ? "·" : "|";
  return fitted(
      share_bar(part, style_.unicode) + fmt::format(" {}/{} jobs {} left {}", done_, jobs_, dot, report::duration(seconds_left())),
      columns);
}

std::string StudyProgress::row_text(std::size_t problem, std::size_t columns) const {
  const Row& row = rows_[problem];
  std::string line = fmt::format("{:<16} {:>5}/{:<5} ", study_.problem(problem).name, row.done, row.jobs);
  std::vector<std::pair<double, std::size_t>> medians;
  for (const auto& [key, scores] : row.scores) {
    if (key.first == row.scores.begin()->first.first) medians.emplace_back(median(scores), key.second);
  }
  std::ranges::sort(medians);
  if (medians.size() > shown_arms) medians.resize(shown_arms);
  const std::string title = metric_name(study_.problem(problem)) + " ";
  std::string_view separator = title;
  for (const auto& [score, arm] : medians) {
    line += fmt::format("{}{} {:.4g}", separator, study_.arms[arm].label, score);
    separator = style_.unicode ? " · " : " | ";
  }
  return fitted(line, columns);
}

void StudyProgress::draw() {
  const std::size_t columns = report::terminal_columns(stream_) - 1;
  std::vector<std::size_t> order(rows_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // The line of the bar, and the one that the cursor is on.
  const std::size_t room = std::max<std::size_t>(3, report::terminal_rows(stream_)) - 2;
  if (order.size() > room) {
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return rows_[i].done == rows_[i].jobs; });
    order.resize(room);
  }
  std::string text = drawn_ > 0 ? fmt::format("\r\x1b[{}A", drawn_) : std::string();
  text += bar(columns) + "\x1b[K\n";
  for (const std::size_t i : order) text += row_text(i, columns) + "\x1b[K\n";
  text += "\x1b[J";
  drawn_ = order.size() + 1;
  std::fwrite(text.data(), 1, text.size(), stream_);
  std::fflush(stream_);
}

void StudyProgress::print_line() {
  const double now = report::Progress::steady_seconds();
  if (now - last_line_ < line_interval) return;
  last_line_ = now;
  fmt::print(stream_, "{}/{} jobs | left {}\n", done_, jobs_, report::duration(seconds_left()));
}

void StudyProgress::tick() {
  if (style_.live) {
    draw();
  } else {
    print_line();
  }
}

}  // namespace emotrain::study
