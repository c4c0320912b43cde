#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <memory>

#include "commands.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/data/description.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/train/checkpoint.hpp"
#include "emotrain/train/run_summary.hpp"
#include "json_line.hpp"
#include "subcommands.hpp"
#include "text_table.hpp"

namespace {

namespace fs = std::filesystem;
namespace train = emotrain::train;
using emotrain::ErrorKind;
using emotrain::Index;

constexpr const char* footer = R"(Examples:
  emotrain inspect runs/mnist_mlp-1
  emotrain inspect runs/mnist_mlp-1/checkpoints/last
  emotrain inspect runs/mnist_mlp-1/model.safetensors
  emotrain inspect data/mnist/train-images-idx3-ubyte.gz

Of a run every checkpoint is checked: sizes and SHA-256 of its files against its trainer_state.json. Exit code 65: one is damaged.)";

struct InspectOptions {
  std::string path;
  bool as_json = false;
};

using emotrain::data::Fact;

Fact count(std::string name, Index value) { return {std::move(name), fmt::to_string(value), true}; }
Fact number(std::string name, double value) { return {std::move(name), fmt::format("{:.6g}", value), true, fmt::format("{}", value)}; }

/// What is told of a path: facts, and a table.
struct Report {
  const char* kind = "";
  std::vector<Fact> facts;
  std::vector<TextTable::Column> columns = {};
  std::vector<std::vector<std::string>> rows = {};
  bool damaged = false;
};

std::vector<std::string> tensor_row(const std::string& name, const std::string& shape, std::span<const emotrain::Real> values) {
  double sum = 0;
  double squares = 0;
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (const double value : values) {
    sum += value;
    squares += value * value;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  const double n = std::max<double>(1, static_cast<double>(values.size()));
  const double mean = sum / n;
  return {name,
          shape,
          fmt::format("{:.4g}", least),
          fmt::format("{:.4g}", most),
          fmt::format("{:.4g}", mean),
          fmt::format("{:.4g}", std::sqrt(std::max(0.0, squares / n - mean * mean)))};
}

void add_tensors(Report& report, const fs::path& path, const std::string& prefix) {
  const train::TensorFile content = train::read_tensor_file(path);
  Index values = 0;
  for (const auto& [name, tensor] : content.tensors) {
    report.rows.push_back(tensor_row(prefix + name, tensor.shape().str(), tensor.values()));
    values += tensor.size();
  }
  for (const auto& [name, numbers] : content.numbers) {
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(numbers.size(), 3); ++i)
      text += fmt::format("{}{:.6g}", text.empty() ? "" : " ", numbers[i]);
    report.rows.push_back({prefix + name, fmt::format("({})", numbers.size()), text + (numbers.size() > 3 ? " ..." : "")});
  }
  report.facts.push_back({path.filename().string(), fmt::format("{} tensors, {} values", content.tensors.size(), values)});
}

const std::vector<TextTable::Column> tensor_columns{{"tensor"},         {"shape"},      {"least", true},
                                                    {"greatest", true}, {"mean", true}, {"deviation", true}};

Report inspect_weights(const fs::path& path) {
  Report report{.kind = "weights", .facts = {{"file", path.string()}}, .columns = tensor_columns};
  add_tensors(report, path, "");
  return report;
}

Report inspect_checkpoint(const train::FoundCheckpoint& found) {
  const train::TrainerState state = train::read_trainer_state(emotrain::disk(), found.checkpoint);
  Report report{.kind = "checkpoint",
                .facts = {{"checkpoint", found.checkpoint.string()},
                          {"run", found.run.string()},
                          count("step", state.global_step),
                          number("epoch", state.epoch),
                          number("loss", state.loss),
                          {"training time", emotrain::report::duration(state.seconds)}},
                .columns = tensor_columns};
  if (state.best) {
    report.facts.push_back(
        {"best until then", fmt::format("{} {:.6g} at step {}", state.best->metric, state.best->value, state.best->step)});
  }
  if (state.should_stop_at) report.facts.push_back(count("should_stop raised at", *state.should_stop_at));
  const std::string fault = train::fault_of_checkpoint(emotrain::disk(), found.checkpoint);
  report.damaged = !fault.empty();
  report.facts.push_back({"state", fault.empty() ? "complete" : "damaged: " + fault});
  if (report.damaged) return report;
  add_tensors(report, found.checkpoint / "model.safetensors", "");
  add_tensors(report, found.checkpoint / "optimizer.safetensors", "");
  return report;
}

Report inspect_run(const fs::path& run) {
  const train::RunSummary summary = train::read_summary(emotrain::disk(), run).value();
  Report report{.kind = "run",
                .facts = {{"run", run.string()}, {"status", summary.status}, {"started", summary.started}, {"ended", summary.ended}},
                .columns = {{"checkpoint"}, {"step", true}, {"epoch", true}, {"loss", true}, {"state"}}};
  if (!summary.error.empty()) report.facts.push_back({"error", summary.error});
  for (const auto& [name, value] : summary.metrics) report.facts.push_back(number(name, value));
  const train::CheckpointDirectory directory(emotrain::disk(), run);
  for (const Index step : directory.steps()) {
    const fs::path path = directory.path_of(step);
    const std::string fault = train::fault_of_checkpoint(emotrain::disk(), path);
    report.damaged = report.damaged || !fault.empty();
    std::vector<std::string> row{path.filename().string(), fmt::to_string(step), "", "", "damaged: " + fault};
    if (fault.empty()) {
      const train::TrainerState state = train::read_trainer_state(emotrain::disk(), path);
      row = {path.filename().string(), fmt::to_string(step), fmt::format("{:.4g}", state.epoch), fmt::format("{:.6g}", state.loss),
             "complete"};
    }
    report.rows.push_back(std::move(row));
  }
  return report;
}

bool holds_runs(const fs::path& path) {
  if (!fs::is_directory(path)) return false;
  return std::ranges::any_of(emotrain::disk().list(path),
                             [&](const std::string& name) { return emotrain::disk().exists(path / name / "manifest.json"); });
}

Report inspect(const fs::path& path) {
  if (emotrain::disk().exists(path / "manifest.json")) return inspect_run(path);
  if (holds_runs(path))
    emotrain::fail(ErrorKind::usage, "{}: a folder of runs; give one of them, or list them with emotrain runs", path.string());
  if (fs::is_directory(path)) return inspect_checkpoint(train::find_checkpoint(emotrain::disk(), path));
  if (path.extension() == ".safetensors") return inspect_weights(path);
  Report report{.kind = "data", .facts = {{"file", path.string()}}};
  std::ranges::move(emotrain::data::describe_file(path), std::back_inserter(report.facts));
  return report;
}

/// What is shown as a number is one, or null where JSON has none for it.
std::string number_json(const std::string& text) {
  if (text.find_first_not_of("0123456789+-.e") == std::string::npos && !text.empty()) return text;
  return text.empty() || text.find("nan") != std::string::npos || text.find("inf") != std::string::npos ? "null" : json(text);
}

std::string report_json(const Report& report) {
  JsonObject facts;
  for (const Fact& fact : report.facts) {
    facts.add(fact.name, !fact.is_number ? json(fact.text) : number_json(fact.exact.empty() ? fact.text : fact.exact));
  }
  const auto row = [&](const std::vector<std::string>& cells) {
    JsonObject object;
    for (std::size_t i = 0; i < cells.size(); ++i)
      object.add(report.columns[i].title, report.columns[i].to_the_right ? number_json(cells[i]) : json(cells[i]));
    return object.str();
  };
  return JsonObject().add("kind", json(report.kind)).add("facts", facts.str()).add("rows", json_list(report.rows, row)).str() + "\n";
}

std::string report_text(const Report& report) {
  TextTable facts({{""}, {""}});
  for (const Fact& fact : report.facts) facts.add({fact.name, fact.text});
  std::string text = facts.str();
  if (report.rows.empty()) return text;
  TextTable table(report.columns);
  for (const auto& row : report.rows) table.add(row);
  return text + "\n" + table.str();
}

int show(const InspectOptions& options) {
  const Report report = inspect(options.path);
  print(options.as_json ? report_json(report) : report_text(report));
  flush_output({});
  constexpr int bad_data = 65;
  return report.damaged ? bad_data : 0;
}

}  // namespace

void add_inspect(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("inspect", "Tell what a run, a checkpoint, a file of weights or a data file holds");
  const auto options = std::make_shared<InspectOptions>();
  command->footer(footer);
  command->add_option("path", options->path, "What to look at")->required()->type_name("PATH");
  command->add_flag("--json", options->as_json, "Print JSON");
  command->callback([options, &chosen] { chosen = [options] { return show(*options); }; });
}
