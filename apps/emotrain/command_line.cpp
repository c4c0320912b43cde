#include "command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "emotrain/core/error.hpp"

namespace {

constexpr const char* footer = R"(Examples:
  emotrain --config configs/quickstart.json
  emotrain --config configs/mnist_mlp.json optimizer.lr=3e-4 trainer.max_steps=500
  emotrain --config configs/mnist_cnn.json optimizer='{"name": "adamw", "lr": 1e-3}' --output-dir runs/adamw
  emotrain --config configs/mnist_mlp.json --init-from runs/mnist_mlp-1/model.safetensors optimizer.lr=1e-4

A run writes config.json (every option), metrics.jsonl (one line a step), model.safetensors and manifest.json; autoencoders also
reconstructions.png, VAEs samples.png. The configuration format is described in docs/config-format.md.

Exit codes: 0 done, 1 failure, 2 wrong command line or configuration, 3 the training diverged, 65 bad data, 66 a file is missing,
73 the output cannot be created, 74 reading or writing failed, 130 and 143 interrupted by SIGINT and SIGTERM.)";

}  // namespace

std::optional<CommandLine> parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  std::optional<int> threads;
  CLI::App app("Trains a neural network as a JSON file says, with optimizers that watch the loss.", "emotrain");
  app.footer(footer);
  app.set_version_flag("--version", "emotrain " EMOTRAIN_VERSION, "Print the version and exit");
  app.add_option("--config", line.config, "What to train, on what, and how")->required()->type_name("FILE");
  app.add_option("overrides", line.overrides, "Values that replace those of the file: JSON, else strings")->type_name("section.key=value");
  app.add_option("--output-dir", line.output_dir, "Write to this directory, new or empty, instead of runs/<name>-<n>")->type_name("DIR");
  app.add_option("--init-from", line.init_from, "Start from these weights instead of random ones")->type_name("FILE.safetensors");
  app.add_option("--threads", threads, "Short for trainer.threads=N; 0: one per core. Results do not depend on it")->type_name("N");
  app.add_flag("-q,--quiet", line.quiet, "Show no progress");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    app.exit(request, std::cout, std::cerr);
    return {};
  } catch (const CLI::ParseError& error) {
    emotrain::fail(emotrain::ErrorKind::usage, "{}; see emotrain --help", error.what());
  }
  if (threads) line.overrides.push_back(fmt::format("trainer.threads={}", *threads));
  return line;
}
