#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <set>

#include "commands.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/train/run_summary.hpp"
#include "json_line.hpp"
#include "subcommands.hpp"
#include "text_table.hpp"

namespace {

namespace fs = std::filesystem;
namespace train = emotrain::train;
using emotrain::ErrorKind;

constexpr const char* footer = R"(Examples:
  emotrain runs
  emotrain runs studies/night --sort test_accuracy
  emotrain runs --json | jq '.runs[] | select(.status == "diverged")'

A run that says "running" is at work, or was killed: go on with it by emotrain --resume DIR.)";

struct RunsOptions {
  std::string folder = "runs";
  std::string sort = "started";
  bool as_json = false;
};

struct Row {
  std::string directory;
  std::string model;
  std::string optimizer;
  train::RunSummary summary;
};

/// A run that was spoilt is listed all the same.
Row read_row(const fs::path& run) {
  Row row{run.string(), "?", "?", {}};
  try {
    row.summary = train::read_summary(emotrain::disk(), run).value();
    const auto loaded = emotrain::config::load_run_config((run / "config.json").string(), {});
    row.model = loaded.config.model.name;
    row.optimizer = loaded.config.optimizer.name;
  } catch (const emotrain::Error& error) {
    if (row.summary.status.empty()) row.summary.status = "unreadable";
    row.summary.error = error.what();
  }
  return row;
}

void require_metric(const std::string& metric, const std::vector<Row>& rows) {
  std::set<std::string> known{"started"};
  for (const Row& row : rows) {
    for (const auto& [name, value] : row.summary.metrics) known.insert(name);
  }
  if (known.size() > 1 && !known.contains(metric))
    emotrain::fail(ErrorKind::usage, "--sort: no run has {}; known: {}", metric, fmt::join(known, ", "));
}

std::vector<Row> read_rows(const RunsOptions& options) {
  if (!fs::is_directory(options.folder)) {
    emotrain::fail(ErrorKind::missing, "{}: there is no such folder; give the folder of your runs", options.folder);
  }
  std::vector<Row> rows;
  for (const std::string& name : emotrain::disk().list(options.folder)) {
    if (emotrain::disk().exists(fs::path(options.folder) / name / "manifest.json"))
      rows.push_back(read_row(fs::path(options.folder) / name));
  }
  if (options.sort == "started") {
    std::ranges::stable_sort(rows, {}, [](const Row& row) { return row.summary.started; });
  } else {
    require_metric(options.sort, rows);
    const bool descending = options.sort.ends_with("accuracy");
    std::ranges::stable_sort(rows, {}, [&](const Row& row) {
      const auto metric = row.summary.metrics.find(options.sort);
      const double last = std::numeric_limits<double>::infinity();
      return metric == row.summary.metrics.end() ? last : descending ? -metric->second : metric->second;
    });
  }
  return rows;
}

std::string metrics_text(const train::RunSummary& summary) {
  std::vector<emotrain::report::Metric> metrics;
  for (const auto& [name, value] : summary.metrics) metrics.push_back({name, value});
  return summary.error.empty() ? emotrain::report::metrics_text(metrics) : summary.error;
}

std::string row_json(const Row& row) {
  JsonObject metrics;
  for (const auto& [name, value] : row.summary.metrics) metrics.add(name, json(value));
  return JsonObject()
      .add("directory", json(row.directory))
      .add("status", json(row.summary.status))
      .add("model", json(row.model))
      .add("optimizer", json(row.optimizer))
      .add("steps", json_number(row.summary.steps))
      .add("seconds", json(row.summary.seconds))
      .add("started", json(row.summary.started))
      .add("ended", json(row.summary.ended))
      .add("metrics", metrics.str())
      .add("error", row.summary.error.empty() ? "null" : json(row.summary.error))
      .str();
}

int show(const RunsOptions& options) {
  const std::vector<Row> rows = read_rows(options);
  if (options.as_json) {
    print(JsonObject().add("runs", json_list(rows, row_json)).str() + "\n");
  } else if (rows.empty()) {
    print(fmt::format("{}: no runs\n", options.folder));
  } else {
    TextTable table({{"run"}, {"status"}, {"model"}, {"optimizer"}, {"steps", true}, {"time", true}, {"result"}});
    for (const Row& row : rows) {
      table.add({row.directory, row.summary.status, row.model, row.optimizer, fmt::to_string(row.summary.steps),
                 emotrain::report::duration(row.summary.seconds), metrics_text(row.summary)});
    }
    print(table.str(output_width()));
  }
  flush_output({});
  return 0;
}

}  // namespace

void add_runs(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("runs", "List the runs in a folder");
  const auto options = std::make_shared<RunsOptions>();
  command->footer(footer);
  command->add_option("folder", options->folder, "Where they are")->type_name("DIR")->capture_default_str();
  command->add_option("--sort", options->sort, "started, or a metric: the best first")->capture_default_str();
  command->add_flag("--json", options->as_json, "Print JSON");
  command->callback([options, &chosen] { chosen = [options] { return show(*options); }; });
}
