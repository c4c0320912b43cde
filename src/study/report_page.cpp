#include <fmt/format.h>

#include "emotrain/study/report.hpp"
#include "study/escape.hpp"
#include "study/page_template.hpp"
#include "study/report_plots.hpp"

namespace emotrain::study {
namespace {

std::string list_items(const std::vector<std::string>& sentences) {
  std::string items;
  for (const std::string& sentence : sentences) items += "<li>" + escaped(sentence) + "</li>\n";
  return "<ul>\n" + items + "</ul>";
}

/// What is drawn here rather than by the page, which takes it out of these.
std::string trajectories(const Study& study, const Analysis& analysis) {
  std::string text;
  for (std::size_t t = 0; t < analysis.tracks.size(); ++t) {
    for (std::size_t i = 0; i < study.problems(); ++i) {
      const std::string picture = trajectory_plot(study, analysis.tracks[t], i);
      if (!picture.empty()) text += fmt::format("<template id=\"trajectory-{}-{}\">{}</template>\n", t, i, picture);
    }
  }
  return text;
}

}  // namespace

std::string report_page(const Study& study, const Analysis& analysis, const std::string& report, const std::string& timing) {
  const PageContent contents[] = {
      {"{{title}}", escaped(study.options.name)},
      {"{{dygraphs_style}}", page_parts("dygraph", ".css")},
      {"{{style}}", page_parts("page", ".css") + page_parts("report", ".css")},
      {"{{summary}}", list_items(analysis.summary)},
      {"{{report}}", script_safe(report)},
      {"{{timing}}", script_safe(timing)},
      {"{{trajectories}}", trajectories(study, analysis)},
      {"{{dygraphs}}", page_parts("dygraph", ".js")},
      {"{{script}}", page_parts("page", ".js") + page_parts("report", ".js")},
  };
  return fill_page("report", contents);
}

}  // namespace emotrain::study
