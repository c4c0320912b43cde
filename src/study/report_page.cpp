#include <fmt/format.h>

#include <algorithm>

#include "emotrain/core/error.hpp"
#include "emotrain/study/report.hpp"
#include "study/embedded.hpp"
#include "study/escape.hpp"

namespace emotrain::study {
namespace {

/// Within a script element, where `</script` or `<!--` would end or change it.
std::string script_safe(const std::string& json) {
  std::string out;
  for (const char c : json) out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return out;
}

std::string list_items(const std::vector<std::string>& sentences) {
  std::string items;
  for (const std::string& sentence : sentences) items += "<li>" + escaped(sentence) + "</li>\n";
  return "<ul>\n" + items + "</ul>";
}

/// All embedded files of that kind, one behind the other.
std::string parts(std::string_view begin, std::string_view end) {
  std::string text;
  for (const Embedded& part : embedded_page()) {
    if (part.name.starts_with(begin) && part.name.ends_with(end)) text += std::string(part.text) + "\n";
  }
  return text;
}

}  // namespace

std::string report_page(const Study& study, const Analysis& analysis, const std::string& report, const std::string& timing) {
  const std::pair<std::string_view, std::string> contents[] = {
      {"{{title}}", escaped(study.options.name)},
      {"{{dygraphs_style}}", parts("dygraph", ".css")},
      {"{{style}}", parts("page", ".css") + parts("report", ".css")},
      {"{{summary}}", list_items(analysis.summary)},
      {"{{report}}", script_safe(report)},
      {"{{timing}}", script_safe(timing)},
      {"{{dygraphs}}", parts("dygraph", ".js")},
      {"{{script}}", parts("page", ".js") + parts("report", ".js")},
  };
  const std::string page = parts("report", ".html");
  std::string out;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t open = std::min(page.find("{{", at), page.size());
    out.append(page, at, open - at);
    if (open == page.size()) break;
    const auto content =
        std::ranges::find_if(contents, [&](const auto& entry) { return page.compare(open, entry.first.size(), entry.first) == 0; });
    if (content == std::end(contents))
      fail(ErrorKind::io, "the page of the report names something that is not there: {}", page.substr(open, 20));
    out += content->second;
    at = open + content->first.size();
  }
  return out;
}

}  // namespace emotrain::study
