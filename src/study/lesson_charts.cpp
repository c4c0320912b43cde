#include "study/lesson_charts.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "emotrain/study/statistics.hpp"
#include "study/lesson_series.hpp"

namespace emotrain::study {
namespace {

/// What a run has at a step; none if it has nothing there.
std::optional<double> value_at(const LessonRecord& record, const Curve& curve, const std::string& series, Index step) {
  const auto found = std::ranges::lower_bound(curve.steps, step);
  if (found != curve.steps.end() && *found == step) {
    const double value = curve.values[static_cast<std::size_t>(found - curve.steps.begin())];
    return std::isnan(value) ? std::nullopt : std::optional(value);
  }
  return !record.divergence.empty() && step > record.steps ? lost(series) : std::nullopt;
}

PlotSeries series_of_cell(const LessonResult& result, const LessonChart& chart, std::size_t cell) {
  PlotSeries out{.label = result.lesson.cells[cell].label, .x = {}, .y = {}, .low = {}, .high = {}, .colour = cell};
  std::set<Index> steps;
  std::vector<const LessonRecord*> runs;
  for (const auto& [key, record] : result.records) {
    if (key.cell != cell || !record.curves.contains(chart.series)) continue;
    runs.push_back(&record);
    steps.insert(record.curves.at(chart.series).steps.begin(), record.curves.at(chart.series).steps.end());
  }
  for (const Index step : steps) {
    std::vector<double> values;
    for (const LessonRecord* run : runs) {
      if (const auto value = value_at(*run, run->curves.at(chart.series), chart.series, step)) values.push_back(*value);
    }
    if (values.empty()) continue;
    out.x.push_back(static_cast<double>(step));
    out.y.push_back(median(values));
    out.low.push_back(quantile(values, 0.25));
    out.high.push_back(quantile(values, 0.75));
  }
  return out;
}

}  // namespace

std::vector<Plot> lesson_charts(const LessonResult& result) {
  std::vector<Plot> plots;
  for (const LessonChart& chart : result.lesson.charts) {
    Plot plot{
        .title = chart.title, .x_title = "step", .y_title = chart.series + ", median and quartiles", .log_y = chart.log, .series = {}};
    for (const std::size_t cell : chart.cells) plot.series.push_back(series_of_cell(result, chart, cell));
    plots.push_back(std::move(plot));
  }
  return plots;
}

}  // namespace emotrain::study
