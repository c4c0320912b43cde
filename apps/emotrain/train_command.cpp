#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "commands.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/report/atomic_file.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/study/run_page.hpp"
#include "emotrain/study/trajectory.hpp"
#include "emotrain/train/run.hpp"
#include "interruption.hpp"
#include "json_line.hpp"
#include "result_text.hpp"
#include "resume.hpp"
#include "show_config.hpp"

namespace {

using emotrain::Error;
using emotrain::ErrorKind;

emotrain::report::Progress::Options display_options(const TrainCommand& command) {
  emotrain::report::DisplayStyle style = style_for(emotrain::report::environment_of(stderr));
  style.live = style.live && !command.no_progress;
  return {.style = style, .details = command.verbose};
}

/// Returns the exit code.
int show_result(const TrainCommand& command, const emotrain::train::RunResult& result, bool stop_on_quiet) {
  const bool is_complete = result.status == emotrain::train::RunResult::Status::completed;
  if (is_complete || command.json) print(command.json ? result_json(result) : result_text(result, stop_on_quiet));
  flush_output("the run itself is safe");
  if (is_complete) return 0;
  const int signal = noted_signal();
  fmt::print(stderr, "emotrain: interrupted by {} after step {}; go on with: emotrain --resume {}\n",
             signal == SIGINT ? "SIGINT" : "SIGTERM", result.steps, result.directory.string());
  return 128 + signal;
}

/// A page or a picture less takes nothing from the run, whose exit code stands.
void write_views(const std::filesystem::path& run) {
  try {
    emotrain::study::write_run_page(run);
  } catch (const std::exception& error) {
    const bool has_page = emotrain::disk().kind(run / "report.html") == emotrain::FileSystem::Kind::file;
    fmt::print(stderr, "emotrain: there is no {}: {}; try again with: emotrain report {}\n",
               has_page ? emotrain::study::trajectory_file : "report.html", error.what(), run.string());
  }
}

/// A process that was killed when all steps were done may have left a page half written.
void complete_views(const std::filesystem::path& run) {
  emotrain::FileSystem& files = emotrain::disk();
  try {
    const auto lock = files.lock(run);
    for (const std::string& name : files.list(run)) {
      if (emotrain::report::is_temporary(name)) files.remove(run / name);
    }
  } catch (const Error&) {  // another process is at it, or nothing can be written here
    return;
  }
  if (!files.exists(run / "report.html")) write_views(run);
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
    const std::string run = start.checkpoint->run.string();
    complete_views(run);
    print(command.json ? JsonObject().add("directory", json(run)).add("status", json("completed")).str() + "\n"
                       : run + ": the run is complete; raise trainer.max_steps (or num_train_epochs) to go on\n");
    flush_output({});
    return 0;
  }
  emotrain::report::Progress progress(stderr, display_options(command));
  note_signals();
  try {
    const emotrain::train::RunResult result = emotrain::train::run({.config = loaded.config,
                                                                    .resolved_config = resolved,
                                                                    .user_config = start.checkpoint ? std::string() : loaded.text,
                                                                    .output_dir = start.output_dir,
                                                                    .overwrite = start.overwrite,
                                                                    .init_from = initial_weights(command),
                                                                    .init_partial = command.init_partial,
                                                                    .resume = start.checkpoint,
                                                                    .environment = loaded.environment,
                                                                    .display = command.quiet ? nullptr : &progress,
                                                                    .interrupted = [] { return noted_signal() != 0; },
                                                                    .ended = write_views});
    return show_result(command, result, loaded.config.trainer.stop_on_quiet);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    throw Error(ErrorKind::usage, emotrain::config::with_place(loaded, error.what()));
  }
}
