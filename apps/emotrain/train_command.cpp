#include <fmt/format.h>

#include <cstdio>

#include "commands.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/train/run.hpp"
#include "interruption.hpp"
#include "show_config.hpp"

namespace {

using emotrain::Error;
using emotrain::ErrorKind;

void print_result(const emotrain::train::RunResult& result, bool stop_on_quiet) {
  fmt::print("{} steps, {:.3g} epochs, {}\n", result.steps, result.epochs, emotrain::report::duration(result.seconds));
  if (result.should_stop_at) {
    fmt::print("the optimizer raised should_stop at step {}{}\n", *result.should_stop_at,
               stop_on_quiet ? " and ended the run" : "; trainer.stop_on_quiet=true would have ended the run there");
  }
  if (!result.metrics.empty()) fmt::print("{}\n", emotrain::report::metrics_text(result.metrics));
  fmt::print("{}:", result.directory.string());
  for (const std::string& file : result.files) fmt::print(" {}", file);
  fmt::print("\n");
  flush_output("the run itself is complete");
}

}  // namespace

int run(const TrainCommand& command) {
  emotrain::config::LoadedConfig loaded = emotrain::config::load_run_config(command.config, command.overrides, environment());
  if (command.print_config || command.explain_config) return show_config(loaded, command.explain_config);
  emotrain::report::Progress progress(stderr);
  InterruptibleSink display(command.quiet ? nullptr : &progress);
  note_signals();
  try {
    print_result(emotrain::train::run({.config = loaded.config,
                                       .resolved_config = emotrain::config::write_options(loaded.config),
                                       .output_dir = command.output_dir,
                                       .init_from = command.init_from,
                                       .environment = loaded.environment,
                                       .display = &display}),
                 loaded.config.trainer.stop_on_quiet);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    throw Error(ErrorKind::usage, emotrain::config::with_place(loaded, error.what()));
  }
  return 0;
}
