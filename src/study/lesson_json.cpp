#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "emotrain/config/reference.hpp"
#include "emotrain/study/lesson_report.hpp"
#include "emotrain/train/build_info.hpp"
#include "study/json_number.hpp"

namespace emotrain::study {
namespace {

Json finding_json(const LessonFinding& finding, const FindingResult& result) {
  Json values = Json::array();
  for (const double value : result.values) values.push_back(json_number(value));
  return {{"text", finding.text},
          {"value", finding.value_text},
          {"claim", finding.claim.text},
          {"unit", finding.unit},
          {"estimate", json_number(result.estimate)},
          {"is_median", result.by_median},
          {"interval", {json_number(result.interval.low), json_number(result.interval.high)}},
          {"p", result.p ? json_number(*result.p) : Json()},
          {"outcome", name_of(result.outcome)},
          {"values", std::move(values)}};
}

Json cells_json(const LessonResult& result) {
  Json cells = Json::array();
  for (std::size_t i = 0; i < result.lesson.cells.size(); ++i) {
    const LessonCell& cell = result.lesson.cells[i];
    const auto diverged =
        std::ranges::count_if(result.records, [&](const auto& entry) { return entry.first.cell == i && !entry.second.divergence.empty(); });
    cells.push_back({{"name", cell.name},
                     {"label", cell.label},
                     {"run", Json::parse(config::json_text(cell_document(result.lesson, result.size, i)))},
                     {"from", cell.from ? Json(result.lesson.cells[*cell.from].name) : Json()},
                     {"carry", cell.from ? Json(cell.carry == Carry::all ? "all" : "weights") : Json()},
                     {"scalars_of", cell.scalars_of ? Json(result.lesson.cells[*cell.scalars_of].name) : Json()},
                     {"diverged", diverged}});
  }
  return cells;
}

Json prediction_json(const LessonResult& result) {
  if (!result.prediction) return {};
  const std::optional<bool> agrees = prediction_agrees(result);
  return {{"text", result.lesson.prediction->options[*result.prediction].text}, {"agrees", agrees ? Json(*agrees) : Json()}};
}

}  // namespace

std::optional<bool> prediction_agrees(const LessonResult& result) {
  if (!result.prediction || result.verdict.verdict == Verdict::too_few_seeds) return {};
  const std::string& foretold = result.lesson.prediction->options[*result.prediction].verdict;
  return foretold.empty() ? std::nullopt : std::optional(foretold == name_of(result.verdict.verdict));
}

std::string prediction_reply(const LessonResult& result) {
  if (const auto agrees = prediction_agrees(result)) return *agrees ? "so it is" : "it is otherwise";
  if (!result.prediction || result.verdict.verdict == Verdict::too_few_seeds) return {};
  constexpr std::size_t most_findings = 2;
  if (result.lesson.findings.size() > most_findings) return "the findings tell, no single verdict does";
  std::string text;
  for (std::size_t i = 0; i < result.lesson.findings.size(); ++i) {
    const LessonFinding& finding = result.lesson.findings[i];
    const double estimate = result.verdict.findings[i].estimate;
    text += fmt::format("{}{} {}{}", text.empty() ? "what was measured: " : "; ", finding.text,
                        std::isnan(estimate) ? "no value" : fmt::format("{:.3g}", estimate),
                        finding.unit.empty() || std::isnan(estimate) ? "" : " " + finding.unit);
  }
  return text;
}

std::optional<std::size_t> recorded_prediction(const Lesson& lesson, const std::filesystem::path& directory, const FileSystem& files) {
  if (!lesson.prediction || !files.exists(directory / "lesson.json")) return {};
  const Json earlier = Json::parse(files.read(directory / "lesson.json"), nullptr, false);
  if (!earlier.is_object() || !earlier.contains("prediction") || !earlier["prediction"].is_object()) return {};
  const std::string text = earlier["prediction"].value("text", std::string());
  const auto found = std::ranges::find(lesson.prediction->options, text, &LessonPrediction::Option::text);
  if (found == lesson.prediction->options.end()) return {};
  return static_cast<std::size_t>(found - lesson.prediction->options.begin());
}

std::string lesson_json(const LessonResult& result) {
  const Lesson& lesson = result.lesson;
  Json findings = Json::array();
  for (std::size_t i = 0; i < lesson.findings.size(); ++i) findings.push_back(finding_json(lesson.findings[i], result.verdict.findings[i]));
  const Json json = {{"name", lesson.name},
                     {"title", lesson.title},
                     {"claim", lesson.claim ? Json(*lesson.claim) : Json()},
                     {"fact", lesson.claim ? Json() : Json(lesson.fact)},
                     {"question", lesson.question},
                     {"size", lesson_size_names[static_cast<std::size_t>(result.size)]},
                     {"seeds", result.verdict.seeds},
                     {"verdict", name_of(result.verdict.verdict)},
                     {"sentence", result.verdict.sentence},
                     {"prediction", prediction_json(result)},
                     {"confidence", result.verdict.confidence},
                     {"findings", std::move(findings)},
                     {"cells", cells_json(result)},
                     {"command", result.command},
                     {"program", train::build_info::version},
                     {"commit", train::build_info::commit == nullptr ? Json() : Json(train::build_info::commit)}};
  return config::formatted_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace emotrain::study
