#pragma once
#include <string>
#include <vector>

#include "emotrain/study/lesson_report.hpp"
#include "study/svg_plot.hpp"

namespace emotrain::study {

/// A lesson's charts: of each cell the median over the seeds, within its quartiles. Runs that diverged have an infinite loss from there on.
std::vector<Plot> lesson_charts(const LessonResult& result);

}  // namespace emotrain::study
