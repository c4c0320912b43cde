#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "emotrain/config/load.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/core/file_system.hpp"
#include "emotrain/study/comparison.hpp"
#include "emotrain/study/lesson.hpp"
#include "study/lesson_options.hpp"
#include "study/lesson_series.hpp"
#include "study/lesson_values.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;
using config::Problem;
using config::Value;

constexpr std::size_t most_options = 26;
constexpr const char* verdicts[] = {"holds", "fails", "depends", "open"};

/// A lesson on its way from its document: what is wrong is gathered.
class Reader {
 public:
  Reader(const std::string& text, const std::string& source) : document_(config::parse_document(text, source, problems_)) {
    config::require_none(problems_);
  }

  Lesson read() {
    if (!std::holds_alternative<Value::Object>(document_.data))
      refuse(document_, "", "expected an object: {\"title\": ..., \"cells\": [...]}");
    config::require_none(problems_);
    take_values();
    LessonOptions options;
    for (Problem& problem : config::read_options(document_, options)) problems_.push_back(std::move(problem));
    config::require_none(problems_);
    lesson_.title = options.title;
    lesson_.claim = options.claim;
    lesson_.fact = options.fact.value_or("");
    lesson_.question = options.question;
    if (options.prediction) lesson_.prediction->ask = options.prediction->ask;
    add_cells(options);
    add_sizes(options);
    add_findings(options);
    add_charts(options);
    config::require_none(problems_);
    check_runs();
    check_seeds();
    config::require_none(problems_);
    return std::move(lesson_);
  }

 private:
  void refuse(const Value& at, std::string pointer, std::string text) {
    problems_.push_back({at.place, std::move(pointer), std::move(text)});
  }
  const Value& at(const std::string& list, std::size_t i, const char* key) const {
    return document_.find(list)->value.step(fmt::to_string(i))->find(key)->value;
  }

  /// Takes what options do not read out of the document.
  void take_values() {
    if (auto run = taken(document_, "run")) {
      lesson_.run = *std::move(run);
      require_object(lesson_.run, "/run");
    } else {
      refuse(document_, "/run", "is missing; add \"run\": the configuration of a run");
    }
    if (config::Member* prediction = document_.find("prediction")) take_prediction(prediction->value);
    if (config::Member* cells = document_.find("cells")) {
      auto* list = std::get_if<Value::Array>(&cells->value.data);
      for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) sets_.push_back(take_set((*list)[i], fmt::format("/cells/{}", i)));
    }
    config::Member* sizes = document_.find("sizes");
    for (const char* name : lesson_size_names) {
      config::Member* size = sizes == nullptr ? nullptr : sizes->value.find(name);
      lesson_.sizes.push_back({0, size == nullptr ? empty_object(document_.place) : take_set(size->value, fmt::format("/sizes/{}", name))});
    }
  }

  Value take_set(Value& holder, const std::string& pointer) {
    std::optional<Value> set = taken(holder, "set");
    if (!set) return empty_object(holder.place);
    require_object(*set, pointer + "/set");
    return *std::move(set);
  }

  void require_object(const Value& value, const std::string& pointer) {
    if (!std::holds_alternative<Value::Object>(value.data)) refuse(value, pointer, "expected an object: {\"optimizer.lr\": 1e-3}");
  }

  void take_prediction(Value& prediction) {
    lesson_.prediction.emplace();
    const std::optional<Value> options = taken(prediction, "options");
    const auto* list = options ? std::get_if<Value::Array>(&options->data) : nullptr;
    if (list == nullptr || list->size() < 2 || list->size() > most_options) {
      return refuse(options ? *options : prediction, "/prediction/options",
                    fmt::format("expected a list of 2 to {} answers", most_options));
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      const Value& given = (*list)[i];
      const config::Member* text = given.find("text");
      const config::Member* verdict = given.find("verdict");
      const auto* words = std::get_if<std::string>(text == nullptr ? &given.data : &text->value.data);
      const auto* foretold = verdict == nullptr ? nullptr : std::get_if<std::string>(&verdict->value.data);
      const bool is_known = verdict == nullptr || (foretold != nullptr && std::ranges::find(verdicts, *foretold) != std::end(verdicts));
      if (words == nullptr || words->empty() || !is_known) {
        refuse(given, fmt::format("/prediction/options/{}", i),
               "expected a text, or {\"text\": ..., \"verdict\": \"holds\", \"fails\", \"depends\" or \"open\"}");
        continue;
      }
      lesson_.prediction->options.push_back({*words, foretold == nullptr ? std::string() : *foretold});
    }
  }

  void add_cells(const LessonOptions& options) {
    for (std::size_t i = 0; i < options.cells.values.size(); ++i) {
      const CellOptions& given = options.cells.values[i];
      LessonCell cell{.name = given.name, .label = given.label, .from = {}, .carry = Carry::nothing, .scalars_of = {}, .set = sets_[i]};
      if (given.from) {
        cell.from = find_cell(*given.from);
        cell.carry = given.carry == "all" ? Carry::all : Carry::weights;
        if (!cell.from) refuse_cell(i, "from");
      }
      if (given.scalars_of) {
        cell.scalars_of = find_cell(*given.scalars_of);
        if (!cell.scalars_of) refuse_cell(i, "scalars_of");
      }
      lesson_.cells.push_back(std::move(cell));
    }
  }

  void refuse_cell(std::size_t i, const char* key) {
    refuse(at("cells", i, key), fmt::format("/cells/{}/{}", i, key),
           "expected the name of a cell that stands before this one" + known_cells());
  }
  std::optional<std::size_t> find_cell(const std::string& name) const {
    const auto found = std::ranges::find(lesson_.cells, name, &LessonCell::name);
    return found == lesson_.cells.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - lesson_.cells.begin()));
  }
  std::string known_cells() const {
    std::vector<std::string> names;
    for (const LessonCell& cell : lesson_.cells) names.push_back(cell.name);
    return names.empty() ? "" : "; there are " + config::listed(names);
  }

  void add_sizes(const LessonOptions& options) {
    const SizesOptions& sizes = options.sizes;
    const Lesson::Size usual{sizes.usual.seeds, lesson_.sizes[1].set};
    lesson_.sizes[0] = sizes.smoke ? Lesson::Size{sizes.smoke->seeds, lesson_.sizes[0].set} : usual;
    lesson_.sizes[1] = usual;
    lesson_.sizes[2] = sizes.full ? Lesson::Size{sizes.full->seeds, lesson_.sizes[2].set} : usual;
  }

  void add_findings(const LessonOptions& options) {
    for (std::size_t i = 0; i < options.findings.values.size(); ++i) {
      const FindingOptions& given = options.findings.values[i];
      LessonFinding finding{.text = given.text, .value = {}, .value_text = given.value, .claim = {}, .unit = given.unit.value_or("")};
      const std::string pointer = fmt::format("/findings/{}", i);
      try {
        finding.value = parse_expression(given.value);
        check_series(finding.value);
      } catch (const Error& error) {
        refuse(at("findings", i, "value"), pointer + "/value", error.what());
      }
      if (const auto claim = parse_claim(given.claim)) {
        finding.claim = *claim;
      } else {
        refuse(at("findings", i, "claim"), pointer + "/claim", "expected \"< number\", \"> number\" or \"within number\"");
      }
      lesson_.findings.push_back(std::move(finding));
    }
  }

  void check_series(const Expression& value) const {
    const std::vector<SeriesName> all = series_of(value);
    if (all.empty()) fail(ErrorKind::usage, "names no series of a cell; add one, as in last({}.eval_loss)", lesson_.cells.front().name);
    for (const SeriesName& series : all) {
      if (!find_cell(series.cell)) fail(ErrorKind::usage, "there is no cell {}{}", series.cell, known_cells());
      if (const std::string fault = series.key.empty() ? "" : fault_of_key(series.key); !fault.empty()) fail(ErrorKind::usage, "{}", fault);
    }
  }

  static std::optional<Claim> parse_claim(const std::string& text) {
    Claim claim{.text = text};
    const std::size_t word = text.starts_with("within ") ? 7 : text.starts_with("< ") || text.starts_with("> ") ? 2 : 0;
    if (word == 0) return {};
    claim.side = word == 7 ? Claim::Side::within : text.front() == '<' ? Claim::Side::below : Claim::Side::above;
    const auto [end, error] = std::from_chars(text.data() + word, text.data() + text.size(), claim.bound);
    const bool is_number = error == std::errc() && end == text.data() + text.size() && std::isfinite(claim.bound);
    return is_number && (word == 2 || claim.bound >= 0) ? std::optional(claim) : std::nullopt;
  }

  void add_charts(const LessonOptions& options) {
    for (std::size_t i = 0; i < options.charts.values.size(); ++i) {
      const ChartOptions& given = options.charts.values[i];
      LessonChart chart{.title = given.title, .series = given.series, .cells = {}, .log = given.log};
      if (const std::string fault = fault_of_key(given.series); !fault.empty()) {
        refuse(at("charts", i, "series"), fmt::format("/charts/{}/series", i), fault);
      }
      for (const std::string& name : given.cells) {
        if (const auto cell = find_cell(name)) {
          chart.cells.push_back(*cell);
        } else {
          refuse(at("charts", i, "cells"), fmt::format("/charts/{}/cells", i),
                 fmt::format("there is no cell {}{}", config::quoted(name), known_cells()));
        }
      }
      lesson_.charts.push_back(std::move(chart));
    }
  }

  /// Every run of every size, each problem once.
  void check_runs() {
    for (const LessonSize size : {LessonSize::usual, LessonSize::smoke, LessonSize::full}) {
      for (std::size_t cell = 0; cell < lesson_.cells.size(); ++cell) {
        try {
          cell_config(lesson_, size, cell, 1);
        } catch (const config::ConfigError& error) {
          for (const Problem& problem : error.problems()) add_once(problem, lesson_.cells[cell].name);
        }
      }
    }
  }

  void add_once(const Problem& problem, const std::string& cell) {
    const bool is_told = std::ranges::any_of(problems_, [&](const Problem& told) {
      return told.place.str() == problem.place.str() && told.pointer == "/run" + problem.pointer && told.text.starts_with(problem.text);
    });
    if (!is_told)
      problems_.push_back({problem.place, "/run" + problem.pointer, fmt::format("{} (the run of the cell {})", problem.text, cell)});
  }

  /// Of enough seeds the test can come out.
  void check_seeds() {
    for (std::size_t i = 0; i < lesson_.sizes.size(); ++i) {
      const Index seeds = lesson_.sizes[i].seeds;
      const double least = 2 * std::pow(0.5, seeds) * static_cast<double>(lesson_.findings.size());
      if (seeds < fewest_seeds || least < significance) continue;
      refuse(document_.find("sizes")->value, fmt::format("/sizes/{}/seeds", lesson_size_names[i]),
             fmt::format("with {} seeds none of {} findings can come out, p is {:.2g} at least; give more seeds", seeds,
                         lesson_.findings.size(), least));
    }
  }

  std::vector<Problem> problems_;
  Value document_;
  Lesson lesson_;
  std::vector<Value> sets_;
};

std::string name_of_file(const std::string& file) {
  const fs::path path(file);
  if (path.stem() != "lesson") return path.stem().string();
  return fs::absolute(path).parent_path().filename().string();
}

}  // namespace

Lesson parse_lesson(const std::string& text, const std::string& source, const std::string& name) {
  Lesson lesson = Reader(text, source).read();
  lesson.name = name;
  lesson.text = text;
  return lesson;
}

Lesson load_lesson(const std::string& file) {
  const std::string name = name_of_file(file);
  train::check_plain_name(name);
  Lesson lesson = parse_lesson(config::read_text(file), file, name);
  const fs::path notes = fs::path(file).replace_extension(".md");
  if (disk().exists(notes)) lesson.notes = config::read_text(notes.string());
  return lesson;
}

}  // namespace emotrain::study
