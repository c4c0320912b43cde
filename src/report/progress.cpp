#include "emotrain/report/progress.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>

namespace emotrain::report {
namespace {

constexpr double refresh_seconds = 0.1;
constexpr Index bar_width = 10;

std::size_t terminal_width(std::FILE* stream) {
  winsize size{};
  return ::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 120;
}

void append_duration(fmt::memory_buffer& out, double seconds) {
  const auto whole = static_cast<Index>(std::clamp(seconds, 0.0, 1e9));
  const Index minutes = whole / 60;
  if (minutes >= 60) {
    fmt::format_to(std::back_inserter(out), "{}:{:02}:{:02}", minutes / 60, minutes % 60, whole % 60);
  } else {
    fmt::format_to(std::back_inserter(out), "{}:{:02}", minutes, whole % 60);
  }
}

void append_bar(fmt::memory_buffer& out, Index step, Index steps) {
  const Index filled = step * bar_width / steps;
  out.push_back('[');
  for (Index i = 0; i < bar_width; ++i) out.push_back(i < filled ? '=' : i == filled ? '>' : ' ');
  out.push_back(']');
}

/// Cuts a line between fields, never within a number.
void drop_what_does_not_fit(fmt::memory_buffer& line, std::size_t width) {
  if (line.size() <= width) return;
  const std::size_t cut = std::string_view(line.data(), width + 1).rfind(" |");
  line.resize(cut != std::string_view::npos ? cut : width);
}

}  // namespace

std::string duration(double seconds) {
  fmt::memory_buffer out;
  append_duration(out, seconds);
  return fmt::to_string(out);
}

std::string metrics_text(std::span<const Metric> metrics) {
  std::string text;
  for (const Metric& metric : metrics) {
    if (!text.empty()) text += "  ";
    text += fmt::format("{} {:.4g}", metric.name, metric.value);
  }
  return text;
}

Progress::Style Progress::style_for(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1 ? Style::live : Style::lines; }

double Progress::steady_seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

Progress::Progress(std::FILE* stream, Style style, Clock clock) : stream_(stream), style_(style), clock_(clock) {}

void Progress::begin(const RunOutline& outline) {
  outline_ = outline;
  line_.reserve(1024);
  started_ = clock_();
  last_shown_ = started_;
}

void Progress::step(const StepRecord& record) {
  loss_sum_ += record.loss;
  ++losses_;
  const bool last = record.step == outline_.steps;
  if (style_ == Style::lines && record.step % outline_.logging_steps != 0 && !last) return;
  if (style_ == Style::live && clock_() - last_shown_ < refresh_seconds && !last) return;
  compose(record);
  show();
}

void Progress::compose(const StepRecord& record) {
  const double now = clock_();
  const double elapsed = std::max(now - started_, 1e-9);
  last_shown_ = now;
  line_.clear();
  const auto out = std::back_inserter(line_);
  fmt::format_to(out, "{}/{} ", record.step, outline_.steps);
  if (style_ == Style::live) append_bar(line_, record.step, outline_.steps);
  if (style_ == Style::lines) fmt::format_to(out, "epoch {:.2f} |", record.epoch);
  // What matters most comes first: a narrow terminal shows the fields that fit.
  const double rate = static_cast<double>(record.step) / elapsed;
  fmt::format_to(out, " loss {:.4g} | left ", loss_sum_ / static_cast<double>(losses_));
  append_duration(line_, static_cast<double>(outline_.steps - record.step) / rate);
  if (record.emotion) fmt::format_to(out, " | scalar {:+.2f} | ratio {:.2f}", record.emotion->scalar, record.emotion->ratio);
  if (record.shadow_distance) fmt::format_to(out, " | shadow {:.3g}", *record.shadow_distance);
  if (!watched_.empty()) fmt::format_to(out, " | {}", watched_);
  fmt::format_to(out, " | {:.{}f} steps/s", rate, rate < 10 ? 1 : 0);
  loss_sum_ = 0;
  losses_ = 0;
}

void Progress::show() {
  if (style_ == Style::live) {
    erase_line();
    drop_what_does_not_fit(line_, terminal_width(stream_) - 1);
    line_open_ = true;
  } else {
    line_.push_back('\n');
  }
  std::fwrite(line_.data(), 1, line_.size(), stream_);
  std::fflush(stream_);
}

void Progress::evaluation(const EvaluationRecord& record) {
  const auto accuracy = std::ranges::find_if(record.metrics, [](const Metric& metric) { return metric.name.ends_with("_accuracy"); });
  const auto shown = accuracy != record.metrics.end() ? accuracy : record.metrics.begin();
  if (shown != record.metrics.end()) watched_ = metrics_text({&*shown, 1});
  erase_line();
  fmt::print(stream_, "step {}  epoch {:.2f}  {}\n", record.step, record.epoch, metrics_text(record.metrics));
  std::fflush(stream_);
}

void Progress::end() {
  if (line_open_) std::fputc('\n', stream_);
  line_open_ = false;
  std::fflush(stream_);
}

void Progress::erase_line() {
  if (line_open_) std::fputs("\r\x1b[K", stream_);
  line_open_ = false;
}

}  // namespace emotrain::report
