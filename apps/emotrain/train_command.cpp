#include <cstdio>

#include "commands.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/train/run.hpp"
#include "interruption.hpp"
#include "result_text.hpp"

namespace {

using emotrain::Error;
using emotrain::ErrorKind;

emotrain::report::Progress::Options display_options(const TrainCommand& command) {
  emotrain::report::DisplayStyle style = style_for(emotrain::report::environment_of(stderr));
  style.live = style.live && !command.no_progress;
  return {.style = style, .details = command.verbose};
}

}  // namespace

int run(const TrainCommand& command) {
  emotrain::config::LoadedConfig loaded = emotrain::config::load_run_config(command.config, command.overrides);
  emotrain::report::Progress progress(stderr, display_options(command));
  InterruptibleSink display(command.quiet ? nullptr : &progress);
  note_signals();
  try {
    const emotrain::train::RunResult result = emotrain::train::run({.config = loaded.config,
                                                                    .resolved_config = emotrain::config::write_options(loaded.config),
                                                                    .output_dir = command.output_dir,
                                                                    .init_from = command.init_from,
                                                                    .display = &display});
    print(command.json ? result_json(result) : result_text(result, loaded.config.trainer.stop_on_quiet));
    flush_output("the run itself is complete");
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    throw Error(ErrorKind::usage, emotrain::config::with_place(loaded, error.what()));
  }
  return 0;
}
