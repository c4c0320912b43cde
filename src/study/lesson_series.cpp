#include "study/lesson_series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "emotrain/config/document.hpp"
#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/study/statistics.hpp"

namespace emotrain::study {
namespace {

using report::StepRecord;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

struct StepKey {
  const char* key;
  std::optional<double> (*get)(const StepRecord&);
};

template <auto Member>
std::optional<double> felt(const StepRecord& record) {
  return record.emotion ? std::optional<double>(static_cast<double>((*record.emotion).*Member)) : std::nullopt;
}

template <auto Member, std::size_t Axis>
std::optional<double> coordinate(const StepRecord& record) {
  const std::span<const double> point = record.*Member;
  return point.size() > Axis ? std::optional(point[Axis]) : std::nullopt;
}

constexpr StepKey step_keys[] = {
    {"loss", [](const StepRecord& r) { return std::optional(r.loss); }},
    {"epoch", [](const StepRecord& r) { return std::optional(r.epoch); }},
    {"learning_rate", [](const StepRecord& r) { return std::optional(r.learning_rate); }},
    {"grad_norm", [](const StepRecord& r) { return std::optional(r.grad_norm); }},
    {"ema_short", felt<&StepRecord::Feeling::ema_short>},
    {"ema_medium", felt<&StepRecord::Feeling::ema_medium>},
    {"ema_long", felt<&StepRecord::Feeling::ema_long>},
    {"scalar", felt<&StepRecord::Feeling::scalar>},
    {"ratio", felt<&StepRecord::Feeling::ratio>},
    {"drive", felt<&StepRecord::Feeling::drive>},
    {"should_stop", felt<&StepRecord::Feeling::should_stop>},
    {"shadow_distance", [](const StepRecord& r) { return r.shadow_distance; }},
    {"moved", [](const StepRecord& r) { return r.moved; }},
    {"point_0", coordinate<&StepRecord::point, 0>},
    {"point_1", coordinate<&StepRecord::point, 1>},
    {"shadow_point_0", coordinate<&StepRecord::shadow_point, 0>},
    {"shadow_point_1", coordinate<&StepRecord::shadow_point, 1>},
};

struct LayerKey {
  const char* key;
  std::optional<double> (*get)(const report::LayerRecord&);
};

constexpr LayerKey layer_keys[] = {
    {"norm", [](const report::LayerRecord& layer) { return std::optional(layer.norm); }},
    {"moved", [](const report::LayerRecord& layer) { return std::optional(layer.moved); }},
    {"shadow_distance", [](const report::LayerRecord& layer) { return layer.shadow_distance; }},
};
constexpr std::string_view layers_prefix = "layers.";

/// Of `layers.fc1.moved`, without `layers.`; the key of another kind has none.
struct LayerSeries {
  std::string layer;
  const LayerKey* key;
};
std::optional<LayerSeries> layer_series(const std::string& key) {
  const std::size_t dot = key.rfind('.');
  if (!key.starts_with(layers_prefix) || dot <= layers_prefix.size()) return {};
  const auto known = std::ranges::find(layer_keys, key.substr(dot + 1), &LayerKey::key);
  if (known == std::end(layer_keys)) return {};
  return LayerSeries{key.substr(layers_prefix.size(), dot - layers_prefix.size()), &*known};
}

std::optional<double> value_of_layer(const LayerSeries& series, const StepRecord& record) {
  const auto layer = std::ranges::find(record.layers, series.layer, &report::LayerRecord::name);
  return layer == record.layers.end() ? std::nullopt : series.key->get(*layer);
}

bool is_accuracy(const std::string& key) { return key.ends_with("_accuracy"); }

const Series& find(const SeriesName& name, const SeriesBook& cells) {
  static const Series empty;
  const auto& series = cells.at(name.cell).series;
  const auto found = series.find(name.key);
  return found == series.end() ? empty : found->second;
}

/// The value of a run that diverged, from there to its planned end; none of another run or key.
std::optional<double> value_behind(const SeriesName& name, const CellSeries& cell) {
  return cell.diverged && cell.done < cell.planned ? lost(name.key) : std::nullopt;
}

double share(const SeriesName& name, const SeriesBook& cells, FunctionRef<bool(double)> holds) {
  const CellSeries& cell = cells.at(name.cell);
  const std::vector<double>& values = find(name, cells).values;
  const auto behind = value_behind(name, cell);
  if (values.empty()) return !behind ? nothing : holds(*behind) ? 1 : 0;
  const double part = static_cast<double>(std::ranges::count_if(values, holds)) / static_cast<double>(values.size());
  if (!behind) return part;
  // By steps, since how many evaluations there would have been nobody knows.
  const double of_done = static_cast<double>(cell.done) / static_cast<double>(cell.planned);
  return part * of_done + (holds(*behind) ? 1 - of_done : 0);
}

double step_where(const SeriesName& name, const SeriesBook& cells, FunctionRef<bool(double)> holds) {
  const CellSeries& cell = cells.at(name.cell);
  const Series& series = find(name, cells);
  const auto found = std::ranges::find_if(series.values, holds);
  if (found != series.values.end()) return static_cast<double>(series.steps[static_cast<std::size_t>(found - series.values.begin())]);
  const auto behind = value_behind(name, cell);
  return static_cast<double>(behind && holds(*behind) ? cell.done + 1 : cell.planned + 1);
}

double value_at(const SeriesName& name, const SeriesBook& cells, double step) {
  const CellSeries& cell = cells.at(name.cell);
  if (!(step <= static_cast<double>(cell.planned))) return nothing;
  if (const auto behind = value_behind(name, cell); behind && step > static_cast<double>(cell.done)) return *behind;
  const Series& series = find(name, cells);
  const auto behind = std::ranges::upper_bound(series.steps, step, {}, [](Index s) { return static_cast<double>(s); });
  return behind == series.steps.begin() ? nothing : series.values[static_cast<std::size_t>(behind - series.steps.begin()) - 1];
}

double parted(const Series& a, const Series& b, Index never, double x) {
  const std::size_t common = std::min(a.values.size(), b.values.size());
  for (std::size_t i = 0; i < common; ++i) {
    const bool same = a.values[i] == b.values[i] || (std::isnan(a.values[i]) && std::isnan(b.values[i]));
    if (!same && !(std::abs(a.values[i] - b.values[i]) <= x)) return static_cast<double>(a.steps[i]);
  }
  const Series& longer = a.values.size() > b.values.size() ? a : b;
  return static_cast<double>(longer.values.size() == common ? never : longer.steps[common]);
}

/// A run that diverged has infinite losses in the end, whatever was recorded.
double summary_of(Reduction reduction, const SeriesName& name, const SeriesBook& cells) {
  const auto end = cells.at(name.cell).diverged ? lost(name.key) : std::nullopt;
  if (reduction != Reduction::first && end) return *end;
  const std::vector<double>& values = find(name, cells).values;
  if (values.empty()) return nothing;
  const bool is_ordered = std::ranges::none_of(values, [](double value) { return std::isnan(value); });
  switch (reduction) {
    case Reduction::first:
      return values.front();
    case Reduction::last:
      return values.back();
    case Reduction::best:
      return is_ordered ? std::ranges::min(values) : nothing;
    case Reduction::worst:
      return is_ordered ? std::ranges::max(values) : nothing;
    default:
      return mean(values);
  }
}

}  // namespace

bool is_of_evaluation(const std::string& key) { return key.starts_with("eval_") || key.starts_with("test_"); }

bool is_loss(const std::string& key) { return key == "loss" || key.starts_with("ema_") || (is_of_evaluation(key) && !is_accuracy(key)); }

std::optional<double> lost(const std::string& key) {
  return is_accuracy(key) ? std::optional(0.0) : is_loss(key) ? std::optional(infinity) : std::nullopt;
}

std::string fault_of_key(const std::string& key) {
  if (is_of_evaluation(key) || layer_series(key)) return {};
  std::vector<std::string> known;
  for (const StepKey& step : step_keys) known.emplace_back(step.key);
  if (std::ranges::find(known, key) != known.end()) return {};
  const auto near = config::nearest(key, known);
  return fmt::format(
      "a run's records have no {}{}; there are {}, of a layer \"layers.fc1.moved\", \"norm\" and \"shadow_distance\", and what evaluations "
      "have: \"eval_loss\", ...",
      config::quoted(key), near ? "; did you mean " + config::quoted(*near) + "?" : "", config::listed(known));
}

SeriesRecorder::SeriesRecorder(std::span<const std::string> keys, CellSeries& out) : out_(out) {
  for (const std::string& key : keys) {
    Series* series = &out.series[key];
    if (is_of_evaluation(key)) {
      evaluations_.push_back({key, {}, series});
    } else if (const auto step = std::ranges::find(step_keys, key, &StepKey::key); step != std::end(step_keys)) {
      steps_.push_back({key, step->get, series});
    } else if (const auto layer = layer_series(key)) {
      steps_.push_back({key, [layer = *layer](const StepRecord& record) { return value_of_layer(layer, record); }, series});
    }
  }
}

void SeriesRecorder::add(const StepRecord& record) {
  out_.done = record.step;
  for (const Wanted& wanted : steps_) {
    const std::optional<double> value = wanted.get(record);
    if (!value) continue;
    wanted.series->steps.push_back(record.step);
    wanted.series->values.push_back(*value);
  }
}

void SeriesRecorder::add(Index step, std::span<const report::Metric> metrics) {
  for (const Wanted& wanted : evaluations_) {
    const bool is_error = wanted.key.ends_with("_error");
    const std::string recorded = is_error ? wanted.key.substr(0, wanted.key.find('_')) + "_accuracy" : wanted.key;
    const auto found = std::ranges::find(metrics, recorded, &report::Metric::name);
    if (found == metrics.end()) continue;
    wanted.series->steps.push_back(step);
    wanted.series->values.push_back(is_error ? 1 - found->value : found->value);
  }
}

double reduce(const Expression& call, const SeriesBook& cells) {
  const SeriesName& name = call.series.front();
  const CellSeries& cell = cells.at(name.cell);
  const double x =
      call.operands.empty() ? 0 : evaluate(call.operands.front(), [&](const Expression& inner) { return reduce(inner, cells); });
  if (std::isnan(x)) return nothing;
  const auto is_above = [x](double value) { return value > x; };
  const auto is_below = [x](double value) { return value < x; };
  switch (call.reduction) {
    case Reduction::at:
      return value_at(name, cells, x);
    case Reduction::share_above:
      return share(name, cells, is_above);
    case Reduction::share_below:
      return share(name, cells, is_below);
    case Reduction::step_above:
      return step_where(name, cells, is_above);
    case Reduction::step_below:
      return step_where(name, cells, is_below);
    case Reduction::parted: {
      const CellSeries& other = cells.at(call.series.back().cell);
      return parted(find(name, cells), find(call.series.back(), cells), std::max(cell.planned, other.planned) + 1, x);
    }
    case Reduction::steps:
      return static_cast<double>(cell.done);
    case Reduction::diverged:
      return cell.diverged ? 1 : 0;
    default:
      return summary_of(call.reduction, name, cells);
  }
}

Series thinned(const std::string& key, const CellSeries& run, Index count) {
  const Series& series = run.series.at(key);
  if (run.planned <= count || (is_of_evaluation(key) && std::ssize(series.values) <= count)) return series;
  Series out;
  std::size_t begin = 0;
  for (Index i = 1; i <= count && begin < series.values.size(); ++i) {
    const Index last = i * run.planned / count;
    const auto behind = std::ranges::upper_bound(series.steps, last);
    const auto end = static_cast<std::size_t>(behind - series.steps.begin());
    if (end == begin) continue;
    out.steps.push_back(last);
    out.values.push_back(mean(std::span(series.values).subspan(begin, end - begin)));
    begin = end;
  }
  return out;
}

}  // namespace emotrain::study
