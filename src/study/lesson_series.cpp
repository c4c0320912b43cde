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

/// Of a loss, from where the run diverged on.
double lost(const std::string& key) { return is_accuracy(key) ? 0 : infinity; }

const Series& find(const SeriesName& name, const SeriesBook& cells) {
  static const Series empty;
  const auto& series = cells.at(name.cell).series;
  const auto found = series.find(name.key);
  return found == series.end() ? empty : found->second;
}

double share(const Series& series, FunctionRef<bool(double)> holds) {
  if (series.values.empty()) return nothing;
  return static_cast<double>(std::ranges::count_if(series.values, holds)) / static_cast<double>(series.values.size());
}

double step_where(const Series& series, Index never, FunctionRef<bool(double)> holds) {
  const auto found = std::ranges::find_if(series.values, holds);
  return static_cast<double>(found == series.values.end() ? never : series.steps[static_cast<std::size_t>(found - series.values.begin())]);
}

double value_at(const Series& series, double step) {
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
  if (reduction != Reduction::first && cells.at(name.cell).diverged && (is_loss(name.key) || is_accuracy(name.key))) return lost(name.key);
  const std::vector<double>& values = find(name, cells).values;
  if (values.empty()) return nothing;
  switch (reduction) {
    case Reduction::first:
      return values.front();
    case Reduction::last:
      return values.back();
    case Reduction::best:
      return std::ranges::min(values);
    case Reduction::worst:
      return std::ranges::max(values);
    default:
      return mean(values);
  }
}

}  // namespace

bool is_of_evaluation(const std::string& key) { return key.starts_with("eval_") || key.starts_with("test_"); }

bool is_loss(const std::string& key) { return key == "loss" || key.starts_with("ema_") || (is_of_evaluation(key) && !is_accuracy(key)); }

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
  const CellSeries& cell = cells.at(call.series.front().cell);
  const auto number = [&] { return evaluate(call.operands.front(), [&](const Expression& inner) { return reduce(inner, cells); }); };
  const Index never = cell.planned + 1;
  const Series& series = find(call.series.front(), cells);
  switch (call.reduction) {
    case Reduction::at: {
      const double step = number();
      const std::string& key = call.series.front().key;
      const bool is_gone = cell.diverged && step > static_cast<double>(cell.done) && (is_loss(key) || is_accuracy(key));
      return is_gone ? lost(key) : value_at(series, step);
    }
    case Reduction::share_above:
      return share(series, [x = number()](double value) { return value > x; });
    case Reduction::share_below:
      return share(series, [x = number()](double value) { return value < x; });
    case Reduction::step_above:
      return step_where(series, never, [x = number()](double value) { return value > x; });
    case Reduction::step_below:
      return step_where(series, never, [x = number()](double value) { return value < x; });
    case Reduction::parted: {
      const CellSeries& other = cells.at(call.series.back().cell);
      return parted(series, find(call.series.back(), cells), std::max(cell.planned, other.planned) + 1, number());
    }
    case Reduction::steps:
      return static_cast<double>(cell.done);
    case Reduction::diverged:
      return cell.diverged ? 1 : 0;
    default:
      return summary_of(call.reduction, call.series.front(), cells);
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
