#include "command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "emotrain/core/error.hpp"
#include "subcommands.hpp"

namespace {

using emotrain::ErrorKind;

constexpr const char* train_footer = R"(Examples:
  emotrain --config configs/quickstart.json
  emotrain --config configs/mnist_mlp.json optimizer.lr=3e-4 trainer.max_steps=500
  emotrain --config configs/mnist_cnn.json optimizer='{"name": "adamw", "lr": 1e-3}' --output-dir runs/adamw
  emotrain --config configs/mnist_conv_vae.json --dry-run
  emotrain --config configs/mnist_mlp.json --init-from runs/mnist_mlp-1/model.safetensors optimizer.lr=1e-4
  emotrain --resume runs/mnist_mlp-1
  emotrain --resume runs/mnist_mlp-1 trainer.max_steps=20000
  emotrain --config configs/mnist_mlp.json --output-dir runs/night --resume auto
  EMOTRAIN_SEED=3 EMOTRAIN_OPTIMIZER__LR=3e-4 emotrain --config configs/mnist_mlp.json --explain-config
  emotrain list optimizers emonavi
  emotrain replay tests/data/golden/*.json
  emotrain validate configs/*.json

Of defaults, the file, variables EMOTRAIN_SECTION__KEY of the environment and arguments section.key=value the last one wins. A run writes config.json (every option), metrics.jsonl (one line a step), model.safetensors and manifest.json; autoencoders also
reconstructions.png, VAEs samples.png. The configuration format is described in docs/config-format.md,
every option in docs/config.md.

Exit codes: 0 done, 1 failure, 2 wrong command line or configuration, 3 the training diverged, 65 bad data, 66 a file is missing,
73 the output cannot be created, 74 reading or writing failed, 130 and 143 interrupted by SIGINT and SIGTERM.)";

constexpr const char* replay_footer = R"(Examples:
  emotrain replay tests/data/golden/emonavi-v1.spikes.json
  emotrain replay tests/data/golden/*.json
  emotrain replay tests/data/golden/scenario-spikes.json --optimizer '{"name": "emoclan", "lr": 1e-2}'
  emotrain replay tests/data/golden/emonavi-v1.spikes.json --json | jq '.per_step.scalar'

A trace names its scenario KIND, which is the file scenario-KIND.json beside it. With --optimizer it may be a scenario itself, and what the
trace expects is left aside. One trace is shown step by step, several with a line each; the largest deviation from the
recorded values is given as a share of the tolerance: 100 % is what is allowed, 2e-5 max(1, |value|) for parameters, shadows and evaluation weights, 1e-12 max(1, |value|) for the
averages of the loss, scalar and ratio.

Exit codes: 0 all within tolerance, 1 some are not, 2 wrong command line, 65 a malformed trace, 66 a file is missing.)";

constexpr const char* validate_footer = R"(Examples:
  emotrain validate configs/*.json

Prints "FILE: ok" for each file that is, and a line for every problem of the others. Neither data nor the environment's variables are looked at.

Exit codes: 0 all are well, 2 some are not, 66 a file is missing.)";

constexpr const char* schema_footer = R"(Examples:
  emotrain schema > docs/config.schema.json
  emotrain schema --markdown > docs/config.md

A configuration whose "$schema" is the path of that file is completed and checked by editors that know JSON Schema, as VS Code does.)";

constexpr const char* list_footer = R"(Examples:
  emotrain list
  emotrain list optimizers
  emotrain list optimizers emonavi
  emotrain list optimizers emonavi edition=v3.6
  emotrain list datasets csv --json

key=value shows the defaults that follow from a value: in the Emo family the edition sets those of other options.)";

void add_train_options(CLI::App& app, TrainCommand& command, std::optional<int>& threads) {
  app.footer(train_footer);
  app.set_version_flag("--version", "emotrain " EMOTRAIN_VERSION, "Print the version and exit");
  app.add_option("--config", command.config, "What to train, on what, and how")->type_name("FILE");
  app.add_option("overrides", command.overrides, "Values that replace those of the file: JSON, else strings")
      ->type_name("section.key=value");
  app.add_option("--output-dir", command.output_dir, "Write to this directory, new or empty, instead of runs/<name>-<n>")->type_name("DIR");
  app.add_option("--init-from", command.init_from, "Start from these weights instead of random ones")->type_name("FILE.safetensors");
  app.add_flag("--init-partial", command.init_partial, "With --init-from: take the tensors that fit, and leave the others as they are");
  app.add_option(
         "--resume", command.resume,
         "Go on from a checkpoint, or from the newest of a run. auto: of the run in --output-dir, or of the newest runs/<name>-<n>; it "
         "starts where there is none")
      ->type_name("PATH|auto");
  app.add_flag("--overwrite", command.overwrite, "Replace the run that is in --output-dir");
  app.add_option("--threads", threads, "Short for trainer.threads=N; 0: one per core. Results do not depend on it")->type_name("N");
  app.add_flag("-q,--quiet", command.quiet, "Show no progress");
  app.add_flag("--dry-run", command.dry_run, "Show layers, data, steps, and the memory and time that the run would take; write nothing");
  auto* print = app.add_flag("--print-config", command.print_config, "Print the configuration with every default, and train nothing");
  app.add_flag("--explain-config", command.explain_config, "Print where each value of the configuration comes from, and train nothing")
      ->excludes(print);
}

CLI::App* add_validate(CLI::App& app, ValidateCommand& command) {
  CLI::App* validate = app.add_subcommand("validate", "Check configurations, without reading data");
  validate->footer(validate_footer);
  validate->add_option("files", command.files, "Configurations")->required()->type_name("FILE");
  return validate;
}

CLI::App* add_schema(CLI::App& app, SchemaCommand& command) {
  CLI::App* schema = app.add_subcommand("schema", "Describe the configuration of a run to editors: a JSON Schema");
  schema->footer(schema_footer);
  schema->add_flag("--markdown", command.markdown, "To people: Markdown with every option");
  return schema;
}

CLI::App* add_replay(CLI::App& app, ReplayCommand& command) {
  CLI::App* replay = app.add_subcommand("replay", "Run an optimizer on recorded losses and gradients, and compare");
  replay->footer(replay_footer);
  replay->add_option("traces", command.traces, "Recorded traces")->required()->type_name("TRACE.json");
  replay->add_option("--scenarios", command.scenarios, "Folder of the scenarios, instead of each trace's own")->type_name("DIR");
  replay->add_option("--optimizer", command.optimizer, "Another optimizer in place of the traces' own: what would it have done?")
      ->type_name("JSON");
  replay->add_flag("--table", command.table, "Show every step, of several traces too");
  replay->add_flag("--json", command.json, "Print a JSON object for each trace, on one line")->excludes("--table");
  return replay;
}

CLI::App* add_list(CLI::App& app, ListCommand& command) {
  CLI::App* list = app.add_subcommand("list", "Show what a configuration can name, and its options");
  list->footer(list_footer);
  list->add_option("kind", command.kind, "optimizers, models, ...; none: the kinds")->type_name("KIND");
  list->add_option("name", command.name, "One of them, with its options")->type_name("NAME");
  list->add_option("values", command.values, "Values that the defaults of other options follow")->type_name("key=value");
  list->add_flag("--options", command.options, "Show the options of all of them");
  list->add_flag("--json", command.json, "Print JSON");
  return list;
}

/// Those that stand before the name of another command.
void refuse_train_options(const CLI::App& app) {
  const std::string command = app.get_subcommands().front()->get_name();
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    emotrain::fail(ErrorKind::usage, "{} belongs to training, not to {}; see emotrain {} --help", option->get_name(), command, command);
  }
}

void check_start_options(const TrainCommand& command, bool has_config) {
  const bool automatic = command.resume && *command.resume == "auto";
  if (!has_config && (!command.resume || automatic)) {
    emotrain::fail(ErrorKind::usage, "--config is required; see emotrain --help");
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

}  // namespace

std::optional<Command> parse_command_line(int argc, const char* const* argv) {
  TrainCommand train_command;
  ReplayCommand replay_command;
  ListCommand list_command;
  ValidateCommand validate_command;
  SchemaCommand schema_command;
  std::optional<int> threads;
  CLI::App app("Trains a neural network as a JSON file says, with optimizers that watch the loss.", "emotrain");
  app.require_subcommand(0, 1);
  add_train_options(app, train_command, threads);
  const CLI::App* replay = add_replay(app, replay_command);
  const CLI::App* list = add_list(app, list_command);
  Chosen chosen;
  for (const auto add : {add_eval, add_reconstruct, add_sample, add_export, add_inspect, add_runs}) add(app, chosen);
  const CLI::App* validate = add_validate(app, validate_command);
  const CLI::App* schema = add_schema(app, schema_command);
  const auto help_of = [&] {
    const auto given = app.get_subcommands();
    return fmt::format("emotrain {}--help", given.empty() ? "" : given.front()->get_name() + " ");
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    app.exit(request, std::cout, std::cerr);
    return {};
  } catch (const CLI::ParseError& error) {
    emotrain::fail(ErrorKind::usage, "{}; see {}", error.what(), help_of());
  }
  if (!app.get_subcommands().empty()) refuse_train_options(app);
  if (chosen) return chosen;
  if (*replay) return replay_command;
  if (*list) return list_command;
  if (*validate) return validate_command;
  if (*schema) return schema_command;
  check_start_options(train_command, app.count("--config") > 0);
  if (threads) train_command.overrides.push_back(fmt::format("trainer.threads={}", *threads));
  return train_command;
}
