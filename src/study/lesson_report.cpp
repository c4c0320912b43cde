#include "emotrain/study/lesson_report.hpp"

#include "emotrain/report/atomic_file.hpp"
#include "study/lesson_charts.hpp"
#include "study/svg_plot.hpp"

namespace emotrain::study {

void write_lesson(const LessonResult& result, const std::filesystem::path& directory, FileSystem& files) {
  const std::vector<Plot> charts = lesson_charts(result);
  report::write_file(directory / "lesson.json", lesson_json(result), files);
  if (!charts.empty()) report::write_file(directory / "picture.svg", svg_plot(charts.front()), files);
  report::write_file(directory / "report.html", lesson_page(result), files);
}

}  // namespace emotrain::study
