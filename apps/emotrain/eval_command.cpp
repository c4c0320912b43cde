#include <fmt/format.h>

#include <memory>

#include "commands.hpp"
#include "emotrain/report/progress.hpp"
#include "json_line.hpp"
#include "opened_model.hpp"
#include "subcommands.hpp"

namespace {

constexpr const char* footer = R"(Examples:
  emotrain eval runs/mnist_mlp-1
  emotrain eval runs/mnist_mlp-1/checkpoints/best --split validation
  emotrain eval runs/mnist_mlp-1/checkpoints/checkpoint-500 --split train --json

Weights are those that evaluations use: averages, where the optimizer keeps some.)";

struct EvalOptions {
  std::string path;
  std::string split = "test";
  std::vector<std::string> overrides;
  bool as_json = false;
};

int evaluate(const EvalOptions& options) {
  const std::unique_ptr<OpenedModel> opened = open_model(options.path, options.overrides);
  const auto metrics = opened->trainer->evaluate(options.split);
  if (options.as_json) {
    JsonObject values;
    for (const auto& metric : metrics) values.add(metric.name, json(metric.value));
    print(JsonObject()
              .add("weights", json(opened->source.weights.string()))
              .add("split", json(options.split))
              .add("metrics", values.str())
              .str() +
          "\n");
  } else {
    print(emotrain::report::metrics_text(metrics) + "\n");
  }
  flush_output({});
  return 0;
}

}  // namespace

void add_eval(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("eval", "Evaluate a checkpoint, or the final weights of a run");
  const auto options = std::make_shared<EvalOptions>();
  command->footer(footer);
  command->add_option("checkpoint", options->path, "A checkpoint, a run, or a file of weights in one")->required()->type_name("PATH");
  command->add_option("overrides", options->overrides, "Values that replace those of the run's config.json: data.root=DIR")
      ->type_name("section.key=value");
  command->add_option("--split", options->split, "Which samples")
      ->check(CLI::IsMember({"train", "validation", "test"}))
      ->capture_default_str();
  command->add_flag("--json", options->as_json, "Print JSON");
  command->callback([options, &chosen] { chosen = [options] { return evaluate(*options); }; });
}
