#include "report/live_view.hpp"

#include <algorithm>
#include <cmath>

#include "emotrain/report/progress.hpp"
#include "emotrain/report/zone.hpp"

namespace emotrain::report {
namespace {

constexpr std::array blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array ascii_blocks{"_", ".", ":", "-", "=", "+", "*", "#"};
constexpr std::size_t widest_history = 32;
constexpr int gauge_cells = 13;

constexpr std::string_view usual = "0";
constexpr std::string_view faint = "2";
constexpr std::string_view cyan = "36";

std::string_view colour_of(Zone zone) {
  switch (zone) {
    case Zone::strong_relief:
      return "1;32";  // green
    case Zone::mild_relief:
      return "32";
    case Zone::calm:
      return usual;
    case Zone::mild_tension:
      return "33";  // yellow
    case Zone::strong_tension:
      return "1;31";  // red
  }
  return usual;
}

}  // namespace

LiveView::LiveView(const DisplayStyle& style) : run_(style.unicode, style.colour), feelings_(style.unicode, style.colour) {
  out_.reserve(8192);
}

void LiveView::append_bar(const Moment& moment, std::size_t columns) {
  const auto width = static_cast<Index>(std::clamp<std::size_t>(columns / 4, 8, 30));
  const Index filled = std::clamp<Index>(moment.record.step * width / moment.steps, 0, width);
  run_.colour(cyan);
  for (Index i = 0; i < filled; ++i) run_.choose("━", "=");
  run_.colour(usual);
  run_.colour(faint);
  for (Index i = filled; i < width; ++i) run_.choose("─", ".");
  run_.colour(usual);
}

void LiveView::append_history(std::size_t columns) {
  std::array<double, widest_history> values;
  const std::size_t most = std::clamp<std::size_t>(columns / 5, 8, widest_history);
  const std::span<double> pieces = std::span(values).first(history_.pieces(std::span(values).first(most)));
  levels_of(pieces, static_cast<int>(blocks.size()));
  for (const double level : pieces)
    feelings_.choose(blocks[static_cast<std::size_t>(level)], ascii_blocks[static_cast<std::size_t>(level)]);
}

void LiveView::append_gauge(const StepRecord::Feeling& feeling) {
  const double scalar = std::isfinite(feeling.scalar) ? std::clamp(feeling.scalar, -1.0, 1.0) : 0.0;
  const auto marked = static_cast<int>(std::lround((scalar + 1) / 2 * (gauge_cells - 1)));
  for (int i = 0; i < gauge_cells; ++i) {
    if (i == marked) {
      feelings_.colour(colour_of(zone_of(feeling)));
      feelings_.choose("●", "o");
      feelings_.colour(usual);
    } else if (i == gauge_cells / 2) {
      feelings_.choose("┼", "|");
    } else {
      feelings_.choose("─", "-");
    }
  }
}

/// What matters most comes first: a narrow terminal shows the fields that fit.
void LiveView::compose_run(const Moment& moment, std::size_t columns) {
  const std::string_view separator = run_.unicode() ? " · " : " | ";
  const StepRecord& record = moment.record;
  run_.begin(columns);
  run_.field("", [&] { run_.print("{:3}%", record.step * 100 / moment.steps); });
  run_.field(" ", [&] { append_bar(moment, columns); });
  run_.field(" ", [&] { run_.print("{}/{}", record.step, moment.steps); });
  run_.field(separator, [&] {
    run_.append("left ");
    run_.append(duration(moment.seconds_left));
  });
  run_.field(separator, [&] { run_.print("{:.{}f} steps/s", moment.rate, moment.rate < 10 ? 1 : 0); });
  run_.field(separator, [&] { run_.print("epoch {:.2f}", record.epoch); });
}

void LiveView::compose_feelings(const Moment& moment, std::size_t columns) {
  const std::string_view separator = feelings_.unicode() ? " · " : " | ";
  const StepRecord& record = moment.record;
  feelings_.begin(columns);
  feelings_.field("", [&] { feelings_.print("loss {:#.4g}", moment.loss); });
  feelings_.field(" ", [&] { append_history(columns); });
  if (record.emotion) {
    const Zone zone = zone_of(*record.emotion);
    feelings_.field(separator, [&] {
      feelings_.print("scalar {:+.2f} ", record.emotion->scalar);
      feelings_.colour(colour_of(zone));
      feelings_.print("{:14}", zone_name(zone));
      feelings_.colour(usual);
    });
    feelings_.field(" ", [&] { append_gauge(*record.emotion); });
    if (record.emotion->should_stop) feelings_.field(separator, [&] { feelings_.append("should_stop"); });
    feelings_.field(separator, [&] { feelings_.print("ratio {:.2f}", record.emotion->ratio); });
  }
  if (record.shadow_distance) feelings_.field(separator, [&] { feelings_.print("shadow {:#.3g}", *record.shadow_distance); });
  if (!moment.watched.empty()) feelings_.field(separator, [&] { feelings_.append(moment.watched); });
}

void LiveView::draw(const Moment& moment, std::size_t columns, std::FILE* stream) {
  // The last column stays free: a cursor behind it would already be on the next line.
  const std::size_t usable = columns > 0 ? columns - 1 : 0;
  compose_run(moment, usable);
  compose_feelings(moment, usable);
  write({}, columns, stream);
}

void LiveView::insert(std::string_view line, std::size_t columns, std::FILE* stream) { write(line, columns, stream); }

void LiveView::write(std::string_view line_above, std::size_t columns, std::FILE* stream) {
  out_.clear();
  if (drawn_) append_return(columns);
  if (!line_above.empty()) {
    out_.append(line_above);
    out_.append(std::string_view("\x1b[K\n"));
  }
  drawn_ = !run_.text().empty();
  if (drawn_) {
    out_.append(run_.text());
    out_.append(std::string_view("\x1b[K\n"));
    out_.append(feelings_.text());
    out_.append(std::string_view("\x1b[J"));
  }
  std::fwrite(out_.data(), 1, out_.size(), stream);
  std::fflush(stream);
  shown_ = {run_.used(), feelings_.used()};
}

/// To the first column of the first line shown. Where the terminal has become narrower its lines have been wrapped into several.
void LiveView::append_return(std::size_t columns) {
  const std::size_t width = std::max<std::size_t>(columns, 1);
  std::size_t rows = 0;
  for (const std::size_t used : shown_) rows += std::max<std::size_t>(1, (used + width - 1) / width);
  fmt::format_to(std::back_inserter(out_), "\r\x1b[{}A", rows - 1);
}

void LiveView::finish(std::FILE* stream) {
  if (drawn_) std::fputc('\n', stream);
  drawn_ = false;
}

}  // namespace emotrain::report
