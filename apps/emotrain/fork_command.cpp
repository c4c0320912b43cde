#include <fmt/format.h>

#include <csignal>
#include <memory>

#include "commands.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/study/fork.hpp"
#include "interruption.hpp"
#include "json_line.hpp"
#include "subcommands.hpp"

namespace {

namespace study = emotrain::study;
using Branch = study::ForkResult::Branch;

constexpr const char* footer = R"(Examples:
  emotrain fork runs/mnist_mlp-1 --at 500 optimizer.use_shadow=false
  emotrain fork runs/mnist_mlp-1 --at 500 optimizer.edition=v3.6
  emotrain fork runs/mnist_mlp-1 --at 500 optimizer='{"name": "adamw", "lr": 1e-3}'
  emotrain fork runs/mnist_mlp-1 --at 500 'optimizer.lr*=0.1' --json
  emotrain fork runs/mnist_mlp-1 --at 500                  # nothing changed: the same bits

From step 500 on the run is trained twice on the same batches: as it was, and with the change. Both are runs in RUN/forks/500-1 (as-was and
changed), with records, checkpoints and weights, and begin with the checkpoint of step 500; if there is none, the newest one before it, or
the start, is re-run up to there. key*=factor multiplies. Data, batches, model and seed stay as they are; data.root, data.path,
trainer.threads and trainer.logging_steps hold for both branches. The state of the optimizer goes on as far as the changed one has a place
for it. docs/fork.md tells more.

Exit codes: 0 done, also if a branch diverged; 2 wrong command line or change, 65 and 66 no such run, or checkpoints or data are damaged, 73
and 74 writing failed, 130 and 143 stopped by a signal.)";

struct ForkOptions {
  std::string run;
  emotrain::Index at = 0;
  std::vector<std::string> changes;
  bool quiet = false;
  bool no_progress = false;
  bool json = false;
};

std::vector<emotrain::report::Metric> metrics_of(const Branch& branch) {
  std::vector<emotrain::report::Metric> metrics;
  if (branch.loss) metrics.push_back({"loss", *branch.loss});
  for (const auto& [name, value] : branch.metrics) metrics.push_back({name, value});
  return metrics;
}

std::string branch_json(const Branch& branch) {
  JsonObject metrics;
  for (const auto& [name, value] : branch.metrics) metrics.add(name, json(value));
  const auto text = [](const std::string& name) { return json(name); };
  return JsonObject()
      .add("directory", json(branch.path.string()))
      .add("status", branch.status.empty() ? "null" : json(branch.status))
      .add("steps", json_number(branch.steps))
      .add("loss", branch.loss ? json(*branch.loss) : "null")
      .add("metrics", metrics.str())
      .add("error", branch.error.empty() ? "null" : json(branch.error))
      .add("not_carried_over", json_list(branch.adoption.left, text))
      .add("begun_anew", json_list(branch.adoption.begun, text))
      .str();
}

std::string difference_json(const std::optional<study::ForkResult::Difference>& difference) {
  if (!difference) return "null";
  return JsonObject()
      .add("step", json_number(difference->step))
      .add("key", json(difference->key))
      .add("as_was", difference->as_was)
      .add("changed", difference->changed)
      .str();
}

std::string result_json(const ForkOptions& options, const study::ForkResult& result) {
  const study::Fork& fork = result.fork;
  return JsonObject()
             .add("directory", json(fork.path.string()))
             .add("run", json(options.run))
             .add("report", result.fork.status == "completed" ? json((result.fork.path / "report.html").string()) : "null")
             .add("at", json_number(fork.at))
             .add("overrides", json_list(fork.overrides, [](const std::string& text) { return json(text); }))
             .add("status", json(fork.status))
             .add("identical", json(fork.identical))
             .add("first_difference", difference_json(result.first_difference))
             .add("first_loss_difference", difference_json(result.first_loss_difference))
             .add("original_agrees", fork.original_agrees ? json(*fork.original_agrees) : "null")
             .add("original_differs_at", result.original_differs_at ? json_number(*result.original_differs_at) : "null")
             .add("as_was", branch_json(result.as_was))
             .add("changed", branch_json(result.changed))
             .str() +
         "\n";
}

/// JSON of a number, as short as other numbers that are shown.
std::string shortened(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return end != text.c_str() && *end == '\0' ? fmt::format("{:.4g}", value) : text;
}

std::string parting_text(const study::ForkResult& result) {
  if (result.fork.identical) return "the branches are the same to the bit: records and final weights";
  const auto& first = result.first_difference;
  if (!first && result.as_was.steps != result.changed.steps) {
    return fmt::format("the branches are the same up to step {}; one goes on to step {}",
                       std::min(result.as_was.steps, result.changed.steps), std::max(result.as_was.steps, result.changed.steps));
  }
  if (!first) return "the branches have recorded the same; their final weights differ";
  std::string text = fmt::format("the branches part in step {}: {} {} as it was, {} changed", first->step, first->key,
                                 shortened(first->as_was), shortened(first->changed));
  const auto& loss = result.first_loss_difference;
  if (loss && first->key != "loss") text += fmt::format("; the loss from step {} on", loss->step);
  return text;
}

/// Where both ended: values, and how they differ. Those of test samples are in the records too.
std::string end_text(const study::ForkResult& result) {
  const auto others = metrics_of(result.changed);
  std::string text;
  for (const auto& [name, value] : metrics_of(result.as_was)) {
    const auto other = std::ranges::find(others, name, &emotrain::report::Metric::name);
    if (other == others.end() || name.starts_with("test_")) continue;
    text += fmt::format("{}{} {:.4g}, changed {:.4g} ({:+.2g})", text.empty() ? "" : "; ", name, value, other->value, other->value - value);
  }
  for (const auto& [name, branch] : {std::pair{"as it was", &result.as_was}, std::pair{"changed", &result.changed}}) {
    if (branch->status != "diverged") continue;
    text += fmt::format("{}{} it diverged after step {}: {}", text.empty() ? "" : "; ", name, branch->steps, branch->error);
  }
  return text;
}

std::string result_text(const ForkOptions& options, const study::ForkResult& result) {
  std::string text = parting_text(result) + "\nat the end: " + end_text(result) + "\n";
  if (result.original_differs_at) {
    text += fmt::format(
        "{} itself recorded something else from step {} on: it was trained by another build, on another machine or with other steps, or "
        "its "
        "files were changed\n",
        options.run, *result.original_differs_at);
  }
  return text + result.fork.path.string() + ": as-was changed fork.json report.html\n";
}

study::ForkResult fork_shown(const ForkOptions& options) {
  emotrain::report::Progress::Options shown{.style = style_for(emotrain::report::environment_of(stderr))};
  shown.style.live = shown.style.live && !options.no_progress;
  const auto display = [&](const std::string& title) -> std::unique_ptr<emotrain::report::Sink> {
    if (options.quiet) return nullptr;
    fmt::print(stderr, "{}:\n", title);
    return std::make_unique<emotrain::report::Progress>(stderr, shown);
  };
  note_signals();
  return study::fork_run({.run = options.run,
                          .at = options.at,
                          .changes = options.changes,
                          .display = display,
                          .warn = [](const std::string& text) { fmt::print(stderr, "emotrain: warning: {}\n", text); },
                          .interrupted = [] { return noted_signal() != 0; }});
}

int fork(const ForkOptions& options) {
  const study::ForkResult result = fork_shown(options);
  const bool is_complete = result.fork.status == "completed";
  if (is_complete || options.json) print(options.json ? result_json(options, result) : result_text(options, result));
  flush_output("the fork itself is safe");
  if (is_complete) return 0;
  const int signal = noted_signal();
  fmt::print(stderr, "emotrain: interrupted by {}; what there is of the branches is in {}\n", signal == SIGINT ? "SIGINT" : "SIGTERM",
             result.fork.path.string());
  return 128 + signal;
}

}  // namespace

void add_fork(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("fork", "Train a run again from a step on, as it was and with a change, and compare");
  const auto options = std::make_shared<ForkOptions>();
  command->footer(footer);
  command->add_option("run", options->run, "The run: its directory")->required()->type_name("DIR");
  command->add_option("overrides", options->changes, "What to change: JSON, else strings; key*=factor multiplies")
      ->type_name("section.key=value");
  command->add_option("--at", options->at, "The last step that both branches share; 0: they begin anew")->required()->type_name("N");
  command->add_flag("-q,--quiet", options->quiet, "Show nothing but errors and the result");
  command->add_flag("--no-progress", options->no_progress, "Show lines every trainer.logging_steps, on a terminal too");
  command->add_flag("--json", options->json, "Print the result as a JSON object, on one line");
  command->callback([options, &chosen] { chosen = [options] { return fork(*options); }; });
}
