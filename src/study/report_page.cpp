#include "emotrain/study/report.hpp"
#include "study/escape.hpp"
#include "study/page_template.hpp"

namespace emotrain::study {
namespace {

std::string list_items(const std::vector<std::string>& sentences) {
  std::string items;
  for (const std::string& sentence : sentences) items += "<li>" + escaped(sentence) + "</li>\n";
  return "<ul>\n" + items + "</ul>";
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
      {"{{dygraphs}}", page_parts("dygraph", ".js")},
      {"{{script}}", page_parts("page", ".js") + page_parts("report", ".js")},
  };
  return fill_page("report", contents);
}

}  // namespace emotrain::study
