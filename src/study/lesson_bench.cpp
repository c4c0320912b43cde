#include <algorithm>
#include <numeric>
#include <set>

#include "emotrain/core/error.hpp"
#include "emotrain/study/job.hpp"
#include "emotrain/study/lesson_run.hpp"
#include "emotrain/train/trainer.hpp"
#include "study/lesson_cell.hpp"
#include "study/own_scalars.hpp"

namespace emotrain::study {
namespace {

constexpr Index curve_points = 100;

/// Of each cell the least cell that it belongs together with.
class Unions {
 public:
  explicit Unions(std::size_t size) : parents_(size) { std::iota(parents_.begin(), parents_.end(), std::size_t{0}); }

  std::size_t root(std::size_t i) const { return parents_[i] == i ? i : root(parents_[i]); }
  void join(std::size_t a, std::size_t b) {
    const std::size_t first = root(a);
    const std::size_t second = root(b);
    parents_[std::max(first, second)] = std::min(first, second);
  }

 private:
  std::vector<std::size_t> parents_;
};

std::size_t number_of_cell(const Lesson& lesson, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(lesson.cells, name, &LessonCell::name) - lesson.cells.begin());
}

std::vector<std::vector<std::size_t>> groups_of(const Lesson& lesson) {
  Unions unions(lesson.cells.size());
  for (std::size_t i = 0; i < lesson.cells.size(); ++i) {
    if (lesson.cells[i].from) unions.join(i, *lesson.cells[i].from);
    if (lesson.cells[i].scalars_of) unions.join(i, *lesson.cells[i].scalars_of);
  }
  for (const LessonFinding& finding : lesson.findings) {
    for (const Expression* call : outer_calls(finding.value)) {
      const std::size_t first = number_of_cell(lesson, call->series.front().cell);
      for (const SeriesName& series : series_of(*call)) unions.join(first, number_of_cell(lesson, series.cell));
    }
  }
  std::map<std::size_t, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < lesson.cells.size(); ++i) groups[unions.root(i)].push_back(i);
  std::vector<std::vector<std::size_t>> out;
  for (auto& [root, cells] : groups) out.push_back(std::move(cells));
  return out;
}

/// The keys of a cell that findings and charts name.
std::vector<std::string> wanted_keys(const Lesson& lesson, std::size_t cell) {
  std::set<std::string> keys;
  for (const LessonFinding& finding : lesson.findings) {
    for (const SeriesName& series : series_of(finding.value)) {
      if (series.cell == lesson.cells[cell].name && !series.key.empty()) keys.insert(series.key);
    }
  }
  for (const LessonChart& chart : lesson.charts) {
    if (std::ranges::find(chart.cells, cell) != chart.cells.end()) keys.insert(chart.series);
  }
  return {keys.begin(), keys.end()};
}

/// What a finding asks of evaluations they must have.
void require_metrics(const Lesson& lesson, std::size_t cell, const CellRun& run) {
  if (run.series.diverged) return;
  for (const LessonFinding& finding : lesson.findings) {
    for (const SeriesName& series : series_of(finding.value)) {
      if (series.cell != lesson.cells[cell].name || !is_of_evaluation(series.key)) continue;
      if (!run.series.series.at(series.key).values.empty()) continue;
      fail(ErrorKind::usage, "the cell {} has no {}: its evaluations have {}; name one of these, or change its run", series.cell,
           series.key, run.metrics.empty() ? "nothing, for there are no validation samples" : run.metrics);
    }
  }
}

}  // namespace

LessonBench::LessonBench(const Lesson& lesson, LessonSize size) : lesson_(lesson), size_(size), groups_(groups_of(lesson)) {
  std::map<std::string, data::Splits> known;
  for (std::size_t cell = 0; cell < lesson.cells.size(); ++cell) {
    try {
      load(cell, known);
      check(cell);
    } catch (const config::ConfigError&) {
      throw;
    } catch (const Error& error) {
      fail(error.kind(), "the cell {}: {}", lesson.cells[cell].name, error.what());
    }
  }
}

void LessonBench::load(std::size_t cell, std::map<std::string, data::Splits>& known) {
  const std::string data = config::json_text(cell_document(lesson_, size_, cell).find("data")->value);
  const auto [entry, is_new] = known.try_emplace(data);
  if (is_new) entry->second = train::load_data(cell_config(lesson_, size_, cell, 1));
  splits_.push_back(entry->second);
}

/// Whether the run can be built, and takes what it is to go on from.
void LessonBench::check(std::size_t cell) {
  const train::RunConfig config = cell_config(lesson_, size_, cell, 1);
  const std::vector<double> scalars(wants_own_scalars(config.optimizer) ? 1 : 0);
  train::Trainer trainer(config, splits_[cell], scalars);
  steps_.push_back(trainer.steps());
  if (!lesson_.cells[cell].from) return;
  const train::RunConfig earlier = cell_config(lesson_, size_, *lesson_.cells[cell].from, 1);
  const std::vector<double> earlier_scalars(wants_own_scalars(earlier.optimizer) ? 1 : 0);
  train::Trainer before(earlier, splits_[*lesson_.cells[cell].from], earlier_scalars);
  take_up(trainer, end_of(before), lesson_.cells[cell].carry);
}

Index LessonBench::steps(const std::vector<std::size_t>& group) const {
  Index sum = 0;
  for (const std::size_t cell : group) sum += steps_[cell];
  return sum;
}

std::vector<std::pair<LessonKey, LessonRecord>> LessonBench::run(const std::vector<std::size_t>& group, Index seed,
                                                                 const Settings& settings) const {
  std::map<std::size_t, CellRun> runs;
  SeriesBook book;
  for (const std::size_t cell : group) {
    const train::RunConfig config = cell_config(lesson_, size_, cell, seed);
    const auto& from = lesson_.cells[cell].from;
    const auto& scalars_of = lesson_.cells[cell].scalars_of;
    const auto is_named = [&](std::optional<std::size_t> LessonCell::*by) {
      return std::ranges::any_of(lesson_.cells, [&](const LessonCell& other) { return other.*by == cell; });
    };
    const CellTask task{.config = config,
                        .splits = splits_[cell],
                        .steps = steps_[cell],
                        .keys = wanted_keys(lesson_, cell),
                        .before = from ? &runs.at(*from) : nullptr,
                        .carry = lesson_.cells[cell].carry,
                        .keeps_end = is_named(&LessonCell::from),
                        .scalars = scalars_of ? &runs.at(*scalars_of) : nullptr,
                        .keeps_scalars = is_named(&LessonCell::scalars_of)};
    CellRun& run = runs.emplace(cell, run_cell(task, settings)).first->second;
    require_metrics(lesson_, cell, run);
    book[lesson_.cells[cell].name] = run.series;
  }
  std::vector<std::pair<LessonKey, LessonRecord>> records;
  for (const std::size_t cell : group) {
    const CellRun& run = runs.at(cell);
    LessonRecord record{.divergence = run.divergence, .steps = run.series.done, .values = {}, .curves = {}};
    for (const LessonFinding& finding : lesson_.findings) {
      for (const Expression* call : outer_calls(finding.value)) {
        if (call->series.front().cell == lesson_.cells[cell].name) record.values[expression_text(*call)] = reduce(*call, book);
      }
    }
    for (const LessonChart& chart : lesson_.charts) {
      if (std::ranges::find(chart.cells, cell) == chart.cells.end()) continue;
      Series curve = thinned(chart.series, run.series, curve_points);
      record.curves[chart.series] = {std::move(curve.steps), std::move(curve.values)};
    }
    records.emplace_back(LessonKey{cell, seed}, std::move(record));
  }
  return records;
}

}  // namespace emotrain::study
