#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "commands.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/train/run.hpp"
#include "interruption.hpp"
#include "resume.hpp"
#include "show_config.hpp"

namespace {

using emotrain::Error;
using emotrain::ErrorKind;

/// Returns the exit code.
int print_result(const emotrain::train::RunResult& result, bool stop_on_quiet) {
  if (result.status == emotrain::train::RunResult::Status::interrupted) {
    const int signal = noted_signal();
    fmt::print(stderr, "emotrain: interrupted by {} after step {}; go on with: emotrain --resume {}\n",
               signal == SIGINT ? "SIGINT" : "SIGTERM", result.steps, result.directory.string());
    return 128 + signal;
  }
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
  return 0;
}

}  // namespace

int run(const TrainCommand& command) {
  if (command.dry_run) return dry_run(command);
  const std::string file = config_file(command);
  emotrain::config::LoadedConfig loaded = emotrain::config::load_run_config(file, command.overrides, environment());
  if (command.print_config || command.explain_config) return show_config(loaded, command.explain_config);
  const std::string resolved = emotrain::config::write_options(loaded.config);
  const StartingPoint start = find_start(command, loaded.config, resolved);
  if (start.is_finished) {
    fmt::print("{}: the run is complete; raise trainer.max_steps to go on\n", start.checkpoint->run.string());
    return 0;
  }
  emotrain::report::Progress progress(stderr);
  note_signals();
  try {
    return print_result(emotrain::train::run({.config = loaded.config,
                                              .resolved_config = resolved,
                                              .user_config = start.checkpoint ? std::string() : loaded.text,
                                              .output_dir = start.output_dir,
                                              .overwrite = start.overwrite,
                                              .init_from = command.init_from,
                                              .init_partial = command.init_partial,
                                              .resume = start.checkpoint,
                                              .environment = loaded.environment,
                                              .display = command.quiet ? nullptr : &progress,
                                              .interrupted = [] { return noted_signal() != 0; }}),
                        loaded.config.trainer.stop_on_quiet);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    throw Error(ErrorKind::usage, emotrain::config::with_place(loaded, error.what()));
  }
}
