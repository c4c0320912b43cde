#include "emotrain/report/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "emotrain/report/zone.hpp"
#include "report/live_view.hpp"

namespace emotrain::report {
namespace {

constexpr double refresh_seconds = 0.1;

void print_moment(const Moment& moment, std::FILE* stream) {
  const StepRecord& record = moment.record;
  fmt::memory_buffer line;
  const auto out = std::back_inserter(line);
  fmt::format_to(out, "{}/{} epoch {:.2f} | loss {:.4g} | left {}", record.step, moment.steps, record.epoch, moment.loss,
                 duration(moment.seconds_left));
  if (record.emotion) {
    fmt::format_to(out, " | scalar {:+.2f} {} | ratio {:.2f}", record.emotion->scalar, zone_name(zone_of(*record.emotion)),
                   record.emotion->ratio);
  }
  if (record.shadow_distance) fmt::format_to(out, " | shadow {:.3g}", *record.shadow_distance);
  if (!moment.watched.empty()) fmt::format_to(out, " | {}", moment.watched);
  fmt::format_to(out, " | {:.{}f} steps/s\n", moment.rate, moment.rate < 10 ? 1 : 0);
  std::fwrite(line.data(), 1, line.size(), stream);
  std::fflush(stream);
}

}  // namespace

std::string duration(double seconds) {
  const auto whole = static_cast<Index>(std::clamp(seconds, 0.0, 1e9));
  const Index minutes = whole / 60;
  if (minutes < 60) return fmt::format("{}:{:02}", minutes, whole % 60);
  return fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, whole % 60);
}

std::string metrics_text(std::span<const Metric> metrics) {
  std::string text;
  for (const Metric& metric : metrics) {
    if (!text.empty()) text += "  ";
    text += fmt::format("{} {:.4g}", metric.name, metric.value);
  }
  return text;
}

double Progress::steady_seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

Progress::Progress(std::FILE* stream, const Options& options)
    : stream_(stream), options_(options), live_(options.style.live ? std::make_unique<LiveView>(options.style) : nullptr) {}

Progress::~Progress() = default;

void Progress::begin(const RunOutline& outline) {
  outline_ = outline;
  if (options_.details) {
    for (const std::string& line : outline_.details) print_line(line);
  }
  started_ = options_.clock();
  last_shown_ = started_;
}

void Progress::step(const StepRecord& record) {
  loss_sum_ += record.loss;
  ++losses_;
  ++steps_seen_;
  if (live_ != nullptr) live_->add(record.loss);
  const bool last = record.step == outline_.steps;
  const bool due = live_ != nullptr ? options_.clock() - last_shown_ >= refresh_seconds : record.step % outline_.logging_steps == 0;
  if (due || last) show(record);
}

void Progress::show(const StepRecord& record) {
  const double now = options_.clock();
  last_shown_ = now;
  const double rate = static_cast<double>(steps_seen_) / std::max(now - started_, 1e-9);
  const Moment moment{.record = record,
                      .steps = outline_.steps,
                      .loss = loss_sum_ / static_cast<double>(losses_),
                      .seconds_left = static_cast<double>(outline_.steps - record.step) / rate,
                      .rate = rate,
                      .watched = watched_};
  if (live_ != nullptr) {
    live_->draw(moment, options_.columns(stream_), stream_);
  } else {
    print_moment(moment, stream_);
  }
  loss_sum_ = 0;
  losses_ = 0;
}

void Progress::evaluation(const EvaluationRecord& record) {
  const auto accuracy = std::ranges::find_if(record.metrics, [](const Metric& metric) { return metric.name.ends_with("_accuracy"); });
  const auto shown = accuracy != record.metrics.end() ? accuracy : record.metrics.begin();
  if (shown != record.metrics.end()) watched_ = metrics_text({&*shown, 1});
  print_line(fmt::format("step {}  epoch {:.2f}  {}", record.step, record.epoch, metrics_text(record.metrics)));
}

void Progress::notice(std::string_view text) { print_line(text); }

void Progress::detail(std::string_view text) {
  if (options_.details) print_line(text);
}

void Progress::end() {
  if (live_ != nullptr) live_->finish(stream_);
  std::fflush(stream_);
}

void Progress::print_line(std::string_view line) {
  if (live_ != nullptr) return live_->insert(line, options_.columns(stream_), stream_);
  std::fwrite(line.data(), 1, line.size(), stream_);
  std::fputc('\n', stream_);
  std::fflush(stream_);
}

}  // namespace emotrain::report
