#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "emotrain/config/document.hpp"
#include "emotrain/study/lesson_report.hpp"
#include "emotrain/train/build_info.hpp"
#include "study/escape.hpp"
#include "study/lesson_charts.hpp"
#include "study/lesson_strip.hpp"
#include "study/markdown.hpp"
#include "study/page_template.hpp"

namespace emotrain::study {
namespace {

std::string capitalized(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

std::string outcome_text(const FindingResult& result) {
  const char* name = name_of(result.outcome);
  return fmt::format("<span class=\"outcome {0}\">{0}</span>", name);
}

std::string facts(const LessonResult& result) {
  const Lesson& lesson = result.lesson;
  const std::string subject = lesson.claim ? fmt::format("Claim {} of the guide", *lesson.claim) : "A fact: " + lesson.fact;
  const std::string size =
      result.size == LessonSize::usual ? "" : fmt::format(", size {}", lesson_size_names[static_cast<std::size_t>(result.size)]);
  return escaped(fmt::format("{} · {} seeds, {} runs{}", subject, result.verdict.seeds, result.records.size(), size));
}

std::string prediction(const LessonResult& result) {
  if (!result.prediction) return {};
  const std::string reply = prediction_reply(result);
  return fmt::format("<p>You predicted: <em>{}</em>{}</p>", escaped(result.lesson.prediction->options[*result.prediction].text),
                     reply.empty() ? "" : escaped(". " + capitalized(reply) + "."));
}

std::string findings(const LessonResult& result) {
  std::string out;
  for (std::size_t i = 0; i < result.lesson.findings.size(); ++i) {
    const LessonFinding& finding = result.lesson.findings[i];
    const FindingResult& found = result.verdict.findings[i];
    out += fmt::format("<figure class=\"finding\">\n<p>{}</p>\n{}<p class=\"small\">{}: said to be {}, found {}</p>\n</figure>\n",
                       escaped(finding.text), finding_strip(finding, found), outcome_text(found), escaped(finding.claim.text),
                       escaped(numbers_of(finding, found)));
  }
  return out;
}

std::string finding_table(const LessonResult& result) {
  std::string rows;
  for (std::size_t i = 0; i < result.lesson.findings.size(); ++i) {
    const LessonFinding& finding = result.lesson.findings[i];
    const FindingResult& found = result.verdict.findings[i];
    const auto infinite = std::ranges::count_if(found.values, [](double value) { return std::isinf(value); });
    const bool is_missing = std::isnan(found.estimate);
    rows += fmt::format(
        "<tr><td>{}<br><code>{}</code></td><td class=\"number\">{}</td><td class=\"number\">{}{}</td><td class=\"number\">{}</td><td "
        "class=\"number\">{}</td><td>{}{}</td></tr>\n",
        escaped(finding.text), escaped(finding.value_text), escaped(finding.claim.text),
        is_missing ? "no value" : fmt::format("{:.4g}", found.estimate), found.by_median ? " (median)" : "",
        is_missing ? "" : fmt::format("{:.4g} to {:.4g}", found.interval.low, found.interval.high),
        found.p ? fmt::format("{:.2g}", *found.p) : "", outcome_text(found),
        infinite > 0 ? fmt::format("<br>{} of {} seeds are infinite", infinite, found.values.size()) : "");
  }
  return "<table><thead><tr><th>finding</th><th class=\"number\">said</th><th class=\"number\">estimate</th><th "
         "class=\"number\">interval</th>"
         "<th class=\"number\">p</th><th>outcome</th></tr></thead><tbody>\n" +
         rows + "</tbody></table>";
}

std::string charts(const LessonResult& result) {
  std::string out;
  for (const Plot& plot : lesson_charts(result)) {
    std::string legend;
    for (const PlotSeries& series : plot.series)
      legend += fmt::format("<li>{}{}</li>\n", svg_swatch(series.colour.value_or(0)), escaped(series.label));
    out += fmt::format("<figure>\n<figcaption><h3>{}</h3></figcaption>\n{}<ul class=\"legend\">{}</ul>\n</figure>\n", escaped(plot.title),
                       svg_plot(plot, PlotPlace::page), legend);
  }
  return out;
}

/// The values of a cell, as on a command line.
std::string set_text(const config::Value& set) {
  std::string text;
  for (const config::Member& member : std::get<config::Value::Object>(set.data)) {
    text += fmt::format("{}<code>{}</code>", text.empty() ? "" : "<br>", escaped(member.key + "=" + config::json_text(member.value)));
  }
  return text;
}

std::string cell_table(const LessonResult& result) {
  std::string rows;
  for (std::size_t i = 0; i < result.lesson.cells.size(); ++i) {
    const LessonCell& cell = result.lesson.cells[i];
    Index diverged = 0;
    for (const auto& [key, record] : result.records) diverged += key.cell == i && !record.divergence.empty() ? 1 : 0;
    std::string begins = cell.from ? fmt::format("the end of {}, {}", result.lesson.cells[*cell.from].label,
                                                 cell.carry == Carry::all ? "with the optimizer's state" : "its weights alone")
                                   : "the seed's weights";
    if (cell.scalars_of) begins += fmt::format("; scalars of {}", result.lesson.cells[*cell.scalars_of].label);
    rows += fmt::format("<tr><td>{}<br><code>{}</code></td><td>{}</td><td>{}</td><td class=\"number\">{}</td></tr>\n", escaped(cell.label),
                        cell.name, set_text(cell.set), escaped(begins), diverged);
  }
  return "<table><thead><tr><th>run</th><th>its own values</th><th>begins with</th><th "
         "class=\"number\">diverged</th></tr></thead><tbody>\n" +
         rows + "</tbody></table>";
}

/// What all runs have in common.
std::string run_text(const LessonResult& result) {
  std::string text = "All have: <code>" + escaped(config::json_text(result.lesson.run)) + "</code>";
  const std::string size = set_text(result.lesson.size(result.size).set);
  return text + (size.empty() ? "" : ", and in this size " + size);
}

}  // namespace

std::string lesson_page(const LessonResult& result) {
  namespace build = train::build_info;
  const Lesson& lesson = result.lesson;
  const PageContent contents[] = {
      {"{{title}}", escaped(lesson.title)},
      {"{{style}}", page_parts("page", ".css") + page_parts("lesson", ".css")},
      {"{{facts}}", facts(result)},
      {"{{question}}", escaped(lesson.question)},
      {"{{verdict}}", name_of(result.verdict.verdict)},
      {"{{sentence}}",
       escaped(capitalized(result.verdict.sentence) + (result.size == LessonSize::smoke ? std::string(" ") + smoke_caution : ""))},
      {"{{prediction}}", prediction(result)},
      {"{{notes}}", html_of_markdown(lesson.notes)},
      {"{{confidence}}", fmt::format("{:.3g}", 100 * result.verdict.confidence)},
      {"{{subject}}", lesson.claim ? "claim" : "fact"},
      {"{{findings}}", findings(result)},
      {"{{finding_table}}", finding_table(result)},
      {"{{charts}}", charts(result)},
      {"{{run}}", run_text(result)},
      {"{{cell_table}}", cell_table(result)},
      {"{{command}}", escaped(result.command)},
      {"{{print}}", escaped(result.command + " --print")},
      {"{{program}}",
       escaped(fmt::format("emotrain {}{}", build::version, build::commit == nullptr ? "" : fmt::format(", commit {}", build::commit)))},
  };
  return fill_page("lesson", contents);
}

}  // namespace emotrain::study
