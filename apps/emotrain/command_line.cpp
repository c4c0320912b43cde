#include "command_line.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/config/suggestion.hpp"
#include "emotrain/core/error.hpp"
#include "help_text.hpp"
#include "interface.hpp"
#include "man_page.hpp"
#include "version_text.hpp"

namespace {

using emotrain::ErrorKind;

constexpr const char* train_footer = R"(Examples:
  emotrain --config configs/quickstart.json
  emotrain --config configs/mnist_mlp.json optimizer.lr=3e-4 trainer.max_steps=500
  emotrain --config configs/mnist_cnn.json optimizer='{"name": "adamw", "lr": 1e-3}' --output-dir runs/adamw
  emotrain --config configs/mnist_mlp.json --init-from runs/mnist_mlp-1/model.safetensors optimizer.lr=1e-4
  emotrain --resume runs/mnist_mlp-1 trainer.max_steps=20000
  emotrain --config configs/mnist_mlp.json --output-dir runs/night --resume auto
  emotrain --config configs/mnist_conv_vae.json --dry-run
  EMOTRAIN_SEED=3 EMOTRAIN_OPTIMIZER__LR=3e-4 emotrain --config configs/mnist_mlp.json --explain-config
  emotrain --config configs/iris_mlp.json --json | jq .metrics
  emotrain list optimizers emonavi
  emotrain replay tests/data/golden/*.json

Of defaults, the file, variables EMOTRAIN_SECTION__KEY of the environment and arguments section.key=value the last one wins. A run writes
config.json (every option), metrics.jsonl (one line a step), TensorBoard events, checkpoints, model.safetensors and manifest.json;
autoencoders also reconstructions.png, VAEs samples.png. The configuration format is described in docs/config-format.md, every option in
docs/config.md.

Results go to standard output, progress and errors to standard error: on a terminal as a display that is rewritten, elsewhere (and with
TERM=dumb) as lines; in ASCII unless the locale is UTF-8, without colours if NO_COLOR is set.

Exit codes: 0 done, 1 failure, 2 wrong command line or configuration, 3 the training diverged, 65 bad data, 66 a file is missing,
73 the output cannot be created, 74 reading or writing failed, 130 and 143 interrupted by SIGINT and SIGTERM.)";

constexpr const char* replay_footer = R"(Examples:
  emotrain replay tests/data/golden/emonavi-v1.spikes.json
  emotrain replay tests/data/golden/*.json
  emotrain replay tests/data/golden/scenario-spikes.json --optimizer '{"name": "emoclan", "lr": 1e-2}'
  emotrain replay tests/data/golden/emonavi-v1.spikes.json --json | jq '.per_step.scalar'

A trace names its scenario KIND, which is the file scenario-KIND.json beside it. With --optimizer it may be a scenario itself, and what the
trace expects is left aside. One trace is shown step by step, several with a line each; the largest deviation from the recorded values is
given as a share of the tolerance: 100 % is what is allowed, 2e-5 max(1, |value|) for parameters, shadows and evaluation weights,
1e-12 max(1, |value|) for the averages of the loss, scalar and ratio.

Exit codes: 0 all within tolerance, 1 some are not, 2 wrong command line, 65 a malformed trace, 66 a file is missing.)";

constexpr const char* list_footer = R"(Examples:
  emotrain list
  emotrain list optimizers
  emotrain list optimizers emonavi
  emotrain list optimizers emonavi edition=v3.6
  emotrain list datasets csv --json

key=value shows the defaults that follow from a value: in the Emo family the edition sets those of other options.)";

constexpr const char* completion_footer = R"(Examples:
  source <(emotrain completion bash)                                             # for this shell
  emotrain completion bash > ~/.local/share/bash-completion/completions/emotrain
  emotrain completion zsh > "${fpath[1]}/_emotrain"
  emotrain completion fish > ~/.config/fish/completions/emotrain.fish

The scripts ask emotrain itself how a command can go on: after --config FILE also for the keys and values of that configuration. `cmake
--install` brings them along.)";

constexpr const char* help_footer = R"(Examples:
  emotrain help list
  emotrain help --man | man -l -)";

void add_train_options(CLI::App& app, TrainCommand& command, std::optional<int>& threads) {
  app.footer(train_footer);
  app.set_version_flag("--version", std::string(), "Print version, build and libraries, and exit");
  app.add_option("--config", command.config, "What to train, on what, and how (needed to train)")->type_name("FILE");
  app.add_option("overrides", command.overrides, "Values that replace those of the file: JSON, else strings")
      ->type_name("section.key=value");
  app.add_option("--output-dir", command.output_dir, "Write to this directory, new or empty, instead of runs/<name>-<n>")->type_name("DIR");
  app.add_option("--init-from", command.init_from, "Start from these weights (of a run or a checkpoint: its own) instead of random ones")
      ->type_name("PATH");
  app.add_flag("--init-partial", command.init_partial, "With --init-from: take the tensors that fit, and leave the others as they are");
  app.add_option(
         "--resume", command.resume,
         "Go on from a checkpoint, or from the newest of a run; what is behind it is removed. auto: of the run in --output-dir, or of the "
         "newest runs/<name>-<n>; it starts where there is none")
      ->type_name("PATH|auto");
  app.add_flag("--overwrite", command.overwrite, "Replace the run that is in --output-dir");
  auto* print = app.add_flag("--print-config", command.print_config, "Print the configuration with every default, and train nothing");
  app.add_flag("--explain-config", command.explain_config, "Print where each value of the configuration comes from, and train nothing")
      ->excludes(print);
  app.add_flag("--dry-run", command.dry_run, "Show layers, data, steps, and the memory and time that the run would take; write nothing");
  app.add_option("--threads", threads, "Short for trainer.threads=N; 0: one per core. Results do not depend on it")->type_name("N");
  app.add_flag("-q,--quiet", command.quiet, "Show nothing but errors and the result");
  app.add_flag("-v,--verbose", command.verbose, "Also show what is trained, on what and how, and each checkpoint")->excludes("--quiet");
  app.add_flag("--no-progress", command.no_progress, "Show lines every trainer.logging_steps, on a terminal too");
  app.add_flag("--json", command.json, "Print the result as a JSON object, on one line");
}

void add_replay(CLI::App& app, ReplayCommand& command) {
  CLI::App* replay = app.add_subcommand("replay", "Run an optimizer on recorded losses and gradients, and compare");
  replay->footer(replay_footer);
  replay->add_option("traces", command.traces, "Recorded traces")->required()->type_name("TRACE.json");
  replay->add_option("--scenarios", command.scenarios, "Folder of the scenarios, instead of each trace's own")->type_name("DIR");
  replay->add_option("--optimizer", command.optimizer, "Another optimizer in place of the traces' own: what would it have done?")
      ->type_name("JSON");
  replay->add_flag("--table", command.table, "Show every step, of several traces too");
  replay->add_flag("--json", command.json, "Print a JSON object for each trace, on one line")->excludes("--table");
}

void add_list(CLI::App& app, ListCommand& command) {
  CLI::App* list = app.add_subcommand("list", "Show what a configuration can name, and its options");
  list->footer(list_footer);
  list->add_option("kind", command.kind, "optimizers, models, ...; none: the kinds")->type_name("KIND");
  list->add_option("name", command.name, "One of them, with its options")->type_name("NAME");
  list->add_option("values", command.values, "Values that the defaults of other options follow")->type_name("key=value");
  list->add_flag("--options", command.options, "Show the options of all of them");
  list->add_flag("--json", command.json, "Print JSON");
}

void add_completion(CLI::App& app, CompletionCommand& command) {
  CLI::App* completion = app.add_subcommand("completion", "Print a script that lets a shell complete emotrain's commands");
  completion->footer(completion_footer);
  completion->add_option("shell", command.shell, "Which shell")->required()->type_name("bash|zsh|fish");
}

void add_help(CLI::App& app, HelpCommand& command) {
  CLI::App* help = app.add_subcommand("help", "Show the help of a command, or the manual");
  help->footer(help_footer);
  help->add_option("command", command.command, "None: of training")->type_name("COMMAND");
  help->add_flag("--man", command.man, "Print the manual page of all commands, for man")->excludes("command");
}

/// Those that stand before the name of another command.
void refuse_train_options(const CLI::App& app) {
  const std::string command = app.get_subcommands().front()->get_name();
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    emotrain::fail(ErrorKind::usage, "{} belongs to training, not to {}; see emotrain {} --help", option->get_name(), command, command);
  }
}

std::string meant(const std::optional<std::string>& word) { return word ? fmt::format("; did you mean {}?", *word) : std::string(); }

/// What CLI11 says of an argument that it does not know, and which one may be meant.
std::string unknown_argument(const CLI::App& app) {
  for (const std::string& given : app.remaining(true)) {
    if (!given.starts_with("-")) continue;
    std::vector<std::string> known;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    const std::string name = given.substr(0, given.find('='));
    if (const auto near = emotrain::config::nearest(name, known)) return fmt::format("there is no option {}{}", given, meant(near));
    const auto key = emotrain::config::key_meant(name);
    return fmt::format("there is no option {}{}", given,
                       key ? "; did you mean the value " + *key + "=..., without dashes?" : std::string());
  }
  return {};
}

std::optional<std::string> nearest_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  return emotrain::config::nearest(word, known);
}

[[noreturn]] void refuse_unknown_command(const CLI::App& app, const std::string& word) {
  if (word.ends_with(".json")) emotrain::fail(ErrorKind::usage, "{}: give a configuration with --config; see emotrain --help", word);
  emotrain::fail(ErrorKind::usage, "there is no command \"{}\"{}; see emotrain --help", word, meant(nearest_command(app, word)));
}

void check_start_options(const TrainCommand& command, bool has_config) {
  const bool automatic = command.resume && *command.resume == "auto";
  if (!has_config && (!command.resume || automatic)) {
    emotrain::fail(ErrorKind::usage, "--config is required; see emotrain --help");
  }
  if (command.json && (command.dry_run || command.explain_config)) {
    emotrain::fail(ErrorKind::usage, "--json is for the result of a run, not for {}; remove it",
                   command.dry_run ? "--dry-run" : "--explain-config");
  }
  if (command.resume && command.overwrite)
    emotrain::fail(ErrorKind::usage, "--resume goes on with a run, --overwrite replaces it; remove one");
  if (command.resume && command.init_from) {
    emotrain::fail(ErrorKind::usage, "--resume goes on with the run's own weights, --init-from starts another run; remove one");
  }
  if (command.resume && !automatic && command.output_dir) {
    emotrain::fail(ErrorKind::usage, "--output-dir: a run goes on in its own directory; remove it, or give --resume auto");
  }
  if (command.overwrite && !command.output_dir) emotrain::fail(ErrorKind::usage, "--overwrite: say which run with --output-dir");
  if (command.init_partial && !command.init_from) emotrain::fail(ErrorKind::usage, "--init-partial belongs to --init-from; give that too");
}

TextCommand help_of(const Interface& interface) {
  const std::string& name = interface.help.command;
  if (interface.help.man) return {man_page(interface.app)};
  if (name.empty()) return {help_text(interface.app)};
  const CLI::App* command = find_command(interface.app, name);
  if (command == nullptr) refuse_unknown_command(interface.app, name);
  return {help_text(*command)};
}

}  // namespace

Interface::Interface() : app("Trains a neural network as a JSON file says, with optimizers that watch the loss.", "emotrain") {
  app.require_subcommand(0, 1);
  app.formatter(std::make_shared<HelpFormatter>());
  add_train_options(app, train, threads);
  add_list(app, list);
  add_replay(app, replay);
  for (const auto add : {add_validate, add_schema, add_eval, add_reconstruct, add_sample, add_export, add_inspect, add_runs, add_fork,
                         add_explain, add_compare, add_report, add_lesson})
    add(app, chosen);
  add_completion(app, completion);
  add_help(app, help);
  for (CLI::App* command : app.get_subcommands({})) command->group("Commands");
}

Command parse_command_line(int argc, const char* const* argv) {
  Interface interface;
  CLI::App& app = interface.app;
  if (argc <= 1) return TextCommand{short_usage(app), true};
  if (argv[1] == complete_command) return CompleteCommand{{argv + 2, argv + argc}};
  const auto chosen = [&]() -> const CLI::App& { return app.get_subcommands().empty() ? app : *app.get_subcommands().front(); };
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion&) {
    return TextCommand{version_text()};
  } catch (const CLI::Success&) {
    return TextCommand{help_text(chosen())};
  } catch (const CLI::ParseError& error) {
    const bool is_unknown = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    const std::string unknown = is_unknown ? unknown_argument(chosen()) : std::string();
    emotrain::fail(ErrorKind::usage, "{}; see {} --help", unknown.empty() ? error.what() : unknown, command_name(chosen()));
  }
  const std::string& name = chosen().get_name();
  if (&chosen() != &app) refuse_train_options(app);
  if (name == "list") return interface.list;
  if (name == "replay") return interface.replay;
  if (name == "completion") return interface.completion;
  if (name == "help") return help_of(interface);
  if (interface.chosen) return interface.chosen;
  const std::vector<std::string>& overrides = interface.train.overrides;
  const bool has_config = app.count("--config") > 0;
  if (!overrides.empty() && overrides.front() == "train") {
    emotrain::fail(ErrorKind::usage, "training is no command: leave out \"train\"; see emotrain --help");
  }
  if (!interface.train.resume && !overrides.empty() && overrides.front().find('=') == std::string::npos &&
      (!has_config || nearest_command(app, overrides.front()))) {
    refuse_unknown_command(app, overrides.front());
  }
  check_start_options(interface.train, has_config);
  if (interface.threads) interface.train.overrides.push_back(fmt::format("trainer.threads={}", *interface.threads));
  return interface.train;
}
