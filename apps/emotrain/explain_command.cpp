#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>

#include "commands.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/study/episodes.hpp"
#include "emotrain/study/explain.hpp"
#include "json_line.hpp"
#include "subcommands.hpp"
#include "text_table.hpp"

namespace {

namespace study = emotrain::study;
using emotrain::ErrorKind;
using emotrain::fail;
using emotrain::Index;

constexpr const char* footer = R"(Examples:
  emotrain explain runs/mnist_mlp-1
  emotrain explain runs/mnist_mlp-1 --step 240
  emotrain explain runs/mnist_mlp-1/metrics.jsonl --step 240 --json | jq -r .text

Without --step it tells the story of the run in episodes: quiet, relief (the loss falls below its own past), tension (it rises above it),
shock, recovery, and where should_stop rose. With --step it tells in at most three sentences what the loss did, what the optimizer felt and
did about it, and how far that moved the weights. All of it is read off the run's metrics.jsonl and config.json, also while the run is at work.

Exit codes: 0 done, 2 wrong command line or a step that the run has no record of, 65 a damaged record, 66 PATH is no run.)";

struct ExplainOptions {
  std::string run;
  std::optional<Index> step;
  bool as_json = false;
};

std::string step_json(const study::RunRecord& run, const study::Sentences& sentences, std::size_t i) {
  JsonObject values;
  for (std::size_t key = 0; key < study::key_names.size(); ++key) {
    const double value = run.steps.values[key][i];
    if (!std::isnan(value)) values.add(study::key_names[key], json(value));
  }
  return JsonObject()
      .add("step", json_number(run.steps.first_step + static_cast<Index>(i)))
      .add("text", json(sentences.text(run.steps, i)))
      .add("values", values.str())
      .str();
}

std::string episode_json(const study::Episode& episode) {
  return JsonObject()
      .add("kind", json(std::string(study::kind_name(episode.kind))))
      .add("from", json_number(episode.from))
      .add("to", json_number(episode.to))
      .add("loss_from", json(episode.loss_from))
      .add("loss_to", json(episode.loss_to))
      .add("scalar", json(episode.scalar))
      .add("text", json(episode.text))
      .str();
}

void show_story(const ExplainOptions& options, const study::RunRecord& run) {
  const std::vector<study::Episode> story = study::episodes(run);
  if (options.as_json) {
    return print(JsonObject()
                     .add("run", json(run.directory.string()))
                     .add("status", json(run.status))
                     .add("optimizer", json(run.config.optimizer.name))
                     .add("first_step", json_number(run.steps.first_step))
                     .add("last_step", json_number(run.steps.last_step()))
                     .add("episodes", json_list(story, episode_json))
                     .str() +
                 "\n");
  }
  TextTable table({{"steps", true}, {"episode"}, {""}});
  for (const study::Episode& episode : story) {
    table.add({episode.from == episode.to ? fmt::to_string(episode.from) : fmt::format("{}-{}", episode.from, episode.to),
               std::string(study::kind_name(episode.kind)), episode.text});
  }
  print(table.str(output_width()));
  if (!run.error.empty()) print(fmt::format("{}: {}\n", run.status, run.error));
}

void show_step(const ExplainOptions& options, const study::RunRecord& run) {
  const study::StepSeries& steps = run.steps;
  if (*options.step < steps.first_step || *options.step > steps.last_step()) {
    fail(ErrorKind::usage, "--step: {} has no record of step {}; give one from {} to {}", run.directory.string(), *options.step,
         steps.first_step, steps.last_step());
  }
  const auto i = static_cast<std::size_t>(*options.step - steps.first_step);
  const study::Sentences sentences = study::explain(run);
  if (options.as_json) return print(step_json(run, sentences, i) + "\n");
  TextTable text({{""}});
  text.add({sentences.text(steps, i)});
  print(text.str(output_width()));
}

int explain(const ExplainOptions& options) {
  const study::RunRecord run = study::read_run(options.run);
  if (run.steps.steps() == 0) {
    fail(ErrorKind::missing, "{}: no step is recorded yet; a run writes its record every trainer.logging_steps",
         (run.directory / "metrics.jsonl").string());
  }
  if (options.step) {
    show_step(options, run);
  } else {
    show_story(options, run);
  }
  flush_output({});
  return 0;
}

}  // namespace

void add_explain(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("explain", "Tell what a run went through, or what happened in one of its steps");
  const auto options = std::make_shared<ExplainOptions>();
  command->footer(footer);
  command->add_option("run", options->run, "A run, or its metrics.jsonl")->required()->type_name("PATH");
  command->add_option("--step", options->step, "Explain this step")->type_name("N");
  command->add_flag("--json", options->as_json, "Print a JSON object, on one line");
  command->callback([options, &chosen] { chosen = [options] { return explain(*options); }; });
}
