#include "emotrain/study/lesson_display.hpp"

#include <fmt/format.h>

#include <limits>

#include "emotrain/report/progress.hpp"
#include "study/share_bar.hpp"

namespace emotrain::study {
namespace {

constexpr double line_interval = 10;

}  // namespace

LessonDisplay::LessonDisplay(std::FILE* stream, report::DisplayStyle style)
    : stream_(stream), style_(style), started_(report::Progress::steady_seconds()), last_line_(started_) {}

LessonDisplay::~LessonDisplay() {
  if (is_drawn_) fmt::print(stream_, "\n");
}

void LessonDisplay::show(const LessonProgress& progress) {
  const double now = report::Progress::steady_seconds();
  const Index done = progress.steps_done - progress.steps_found;
  const double left = done == 0 ? std::numeric_limits<double>::infinity()
                                : (now - started_) * static_cast<double>(progress.steps - progress.steps_done) / static_cast<double>(done);
  const std::string runs = fmt::format("{}/{} runs", progress.runs_done, progress.runs);
  const std::string time = progress.steps_done == progress.steps ? report::duration(now - started_)
                           : done == 0                           ? "left ..."
                                                                 : "left " + report::duration(left);
  if (style_.live) {
    const double share = progress.steps == 0 ? 1 : static_cast<double>(progress.steps_done) / static_cast<double>(progress.steps);
    const std::string line = fmt::format("{} {} {} {}", share_bar(share, style_.unicode), runs, style_.unicode ? "·" : "|", time);
    fmt::print(stream_, "\r{}\x1b[K", fitted(line, report::terminal_columns(stream_) - 1));
    std::fflush(stream_);
    is_drawn_ = true;
  } else if (now - last_line_ >= line_interval) {
    last_line_ = now;
    fmt::print(stream_, "{} | {}\n", runs, time);
  }
}

}  // namespace emotrain::study
