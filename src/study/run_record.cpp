#include "emotrain/study/run_record.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "emotrain/config/load.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/train/run_summary.hpp"
#include "study/record_line.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Takes lines one by one.
class StepReader {
 public:
  explicit StepReader(const std::string& file) : file_(file) {}

  void line(std::string_view text);
  StepSeries take() && { return std::move(out_); }

 private:
  using Metrics = std::vector<std::pair<std::string_view, double>>;

  /// What a line says; views of it.
  struct Line {
    std::optional<Index> step;
    std::array<double, key_names.size()> values;
    bool has_loss = false;
    std::string_view rule = "null";
    std::string_view should_stop = "null";
    std::string_view events, point, shadow_point, layers;
    Metrics metrics;
  };

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorKind::data, "{}:{}: {}", file_, number_, fmt::format(format, std::forward<Args>(args)...));
  }
  double number(std::string_view key, std::string_view value) const;
  double number(const json& value) const { return value.is_number() ? value.get<double>() : none; }
  json nested(std::string_view key, std::string_view value) const;
  void member(Line& line, std::string_view key, std::string_view value) const;
  void add_step(const Line& line);
  void add_evaluation(const Line& line);
  void add_layers(Index step, std::string_view text);
  void add_point(std::string_view key, std::string_view text, std::vector<double>& points) const;
  void check_name(const char* what, std::string_view name) const;
  std::uint8_t rule(std::string_view value);

  const std::string& file_;
  Index number_ = 0;
  StepSeries out_;
};

double StepReader::number(std::string_view key, std::string_view value) const {
  if (value == "null") return none;
  double x = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), x);
  if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(x)) refuse("{} is {}, not a number", key, value);
  return x;
}

json StepReader::nested(std::string_view key, std::string_view value) const {
  json parsed = json::parse(value, nullptr, false);
  if (parsed.is_discarded()) refuse("{} is no JSON", key);
  return parsed;
}

void StepReader::member(Line& line, std::string_view key, std::string_view value) const {
  if (key == "epoch") return;
  if (key == "step") {
    Index step = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), step);
    if (error != std::errc{} || end != value.data() + value.size() || step < 0) refuse("step is {}, not a step's number", value);
    line.step = step;
    return;
  }
  const auto known = std::ranges::find(key_names, key);
  if (known != key_names.end()) {
    line.values[static_cast<std::size_t>(known - key_names.begin())] = number(key, value);
    line.has_loss = line.has_loss || key == "loss";
    return;
  }
  for (const auto& [name, place] : {std::pair<const char*, std::string_view Line::*>{"rule", &Line::rule},
                                    {"should_stop", &Line::should_stop},
                                    {"events", &Line::events},
                                    {"point", &Line::point},
                                    {"shadow_point", &Line::shadow_point},
                                    {"layers", &Line::layers}}) {
    if (key != name) continue;
    line.*place = value;
    return;
  }
  // Only numbers are metrics: what later versions may record besides is passed over.
  if (value == "null" || value.front() == '-' || (value.front() >= '0' && value.front() <= '9'))
    line.metrics.emplace_back(key, number(key, value));
}

void StepReader::line(std::string_view text) {
  ++number_;
  if (text.empty()) refuse("the line is empty; each is a record of a step or an evaluation");
  Line line;
  line.values.fill(none);
  RecordLine members(text);
  while (const auto found = members.next()) member(line, found->key, found->value);
  if (!members.good() || !line.step) refuse("not a record of a step or an evaluation");
  if (line.has_loss) {
    add_step(line);
  } else {
    add_evaluation(line);
  }
}

/// Names become parts of templates, in which braces mean something.
void StepReader::check_name(const char* what, std::string_view name) const {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  if (name.empty() || name.find_first_not_of(allowed) != std::string_view::npos)
    refuse("{} {}; names are of letters, digits, _, . and -", what, name);
}

std::uint8_t StepReader::rule(std::string_view value) {
  if (value == "null") return StepSeries::no_rule;
  if (value.size() < 3 || value.front() != '"') refuse("rule is {}, not a name", value);
  const std::string_view name = value.substr(1, value.size() - 2);
  check_name("rule is", name);
  const auto found = std::ranges::find(out_.rules, name);
  const auto place = static_cast<std::size_t>(found - out_.rules.begin());
  if (place >= StepSeries::no_rule) refuse("rule is {}, one too many", value);
  if (found == out_.rules.end()) out_.rules.emplace_back(name);
  return static_cast<std::uint8_t>(place);
}

void StepReader::add_step(const Line& line) {
  const Index step = *line.step;
  if (out_.steps() == 0) out_.first_step = step;
  if (step < 1) refuse("step is {}, steps count from 1", step);
  if (step != out_.first_step + out_.steps()) refuse("step {} follows step {}; a record has every step once", step, out_.last_step());
  if (line.should_stop != "true" && line.should_stop != "false" && line.should_stop != "null")
    refuse("should_stop is {}, neither true nor false", line.should_stop);
  for (std::size_t i = 0; i < key_names.size(); ++i) out_.values[i].push_back(line.values[i]);
  out_.rule.push_back(rule(line.rule));
  out_.should_stop.push_back(line.should_stop == "true" ? 1 : 0);
  if (!line.events.empty()) {
    std::vector<std::string>& names = out_.events[step];
    for (const json& name : nested("events", line.events)) {
      if (!name.is_string()) refuse("events names something that is no text");
      names.push_back(name.get<std::string>());
      check_name("events names", names.back());
    }
  }
  if (!line.layers.empty()) add_layers(step, line.layers);
  add_point("point", line.point, out_.point);
  add_point("shadow_point", line.shadow_point, out_.shadow_point);
}

/// Two coordinates, or none where there are not two.
void StepReader::add_point(std::string_view key, std::string_view text, std::vector<double>& points) const {
  const auto before = 2 * static_cast<std::size_t>(out_.steps() - 1);
  std::array<double, 2> point{none, none};
  if (!text.empty()) {
    const json coordinates = nested(key, text);
    if (!coordinates.is_array() || coordinates.size() != 2) return;
    point = {number(coordinates[0]), number(coordinates[1])};
  } else if (points.empty()) {
    return;
  }
  points.resize(before, none);
  points.insert(points.end(), point.begin(), point.end());
}

void StepReader::add_layers(Index step, std::string_view text) {
  const json layers = nested("layers", text);
  if (!layers.is_object()) refuse("layers is no object");
  StepSeries::Details& details = out_.details;
  const std::size_t rows = details.steps.size();
  details.steps.push_back(step);
  for (const auto& [name, numbers] : layers.items()) {
    auto layer = std::ranges::find(details.layers, name, &StepSeries::Details::Layer::name);
    if (layer == details.layers.end()) layer = details.layers.insert(layer, {.name = name, .norm = {}, .moved = {}, .shadow_distance = {}});
    const auto add = [&, &numbers = numbers](const char* key, std::vector<double>& series) {
      series.resize(rows, none);
      series.push_back(numbers.is_object() && numbers.contains(key) ? number(numbers[key]) : none);
    };
    add("norm", layer->norm);
    add("moved", layer->moved);
    add("shadow_distance", layer->shadow_distance);
  }
  for (StepSeries::Details::Layer& layer : details.layers) {
    for (std::vector<double>* series : {&layer.norm, &layer.moved, &layer.shadow_distance}) series->resize(rows + 1, none);
  }
}

void StepReader::add_evaluation(const Line& line) {
  StepSeries::Evaluations& all = out_.evaluations;
  if (all.steps.empty() || all.steps.back() != *line.step) {
    all.steps.push_back(*line.step);
    for (auto& [name, values] : all.metrics) values.push_back(none);
  }
  for (const auto& [name, value] : line.metrics) {
    auto metric = std::ranges::find(all.metrics, name, [](const auto& row) -> std::string_view { return row.first; });
    if (metric == all.metrics.end()) {
      all.metrics.emplace_back(std::string(name), std::vector<double>(all.steps.size(), none));
      metric = all.metrics.end() - 1;
    }
    metric->second.back() = value;
  }
}

}  // namespace

StepSeries read_steps(std::string_view text, const std::string& file) {
  StepReader reader(file);
  for (std::size_t at = 0;;) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    reader.line(text.substr(at, end - at));
    at = end + 1;
  }
  return std::move(reader).take();
}

bool is_run(const fs::path& path, const FileSystem& files) {
  return files.is_directory(path) && files.exists(path / "config.json") && files.exists(path / "metrics.jsonl");
}

RunRecord read_run(const fs::path& path, const FileSystem& files) {
  const bool is_file = path.filename() == "metrics.jsonl" && !files.is_directory(path);
  const fs::path directory = !is_file ? path : path.has_parent_path() ? path.parent_path() : fs::path(".");
  const fs::path metrics = directory / "metrics.jsonl";
  const fs::path config = directory / "config.json";
  for (const fs::path& file : {metrics, config}) {
    if (!files.exists(file)) fail(ErrorKind::missing, "{}: there is no such file; give the directory of a run", file.string());
  }
  RunRecord record{.directory = directory, .status = {}, .error = {}, .config = {}, .config_text = {}, .steps = {}};
  record.config = config::load_run_config(config.string()).config;
  record.config_text = files.read(config);
  if (const auto summary = train::read_summary(files, directory)) {
    record.status = summary->status;
    record.error = summary->error;
  }
  record.steps = read_steps(files.read(metrics), metrics.string());
  return record;
}

}  // namespace emotrain::study
