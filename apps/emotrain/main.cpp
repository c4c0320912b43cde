#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

#include "command_line.hpp"
#include "emotrain/config/load.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/train/run.hpp"
#include "interruption.hpp"

namespace {

using emotrain::Error;
using emotrain::ErrorKind;

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return 2;
    case ErrorKind::numeric:
      return 3;
    case ErrorKind::data:
      return 65;
    case ErrorKind::missing:
      return 66;
    case ErrorKind::cannot_create:
      return 73;
    case ErrorKind::io:
      return 74;
    case ErrorKind::shape:
      return 1;
  }
  return 1;
}

/// One line, whatever is in it: paths and keys may hold anything.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      line += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  return line;
}

/// A standard stream that the caller closed must not become the number of a file of the run.
void keep_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0) std::abort();
  }
}

int report_error(std::string_view text, int code) {
  fmt::print(stderr, "emotrain: error: {}\n", one_line(text));
  return code;
}

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
  if (std::fflush(stdout) != 0) emotrain::fail(ErrorKind::io, "standard output cannot be written to; the run itself is complete");
}

void train(const CommandLine& line) {
  emotrain::config::LoadedConfig loaded = emotrain::config::load_run_config(line.config, line.overrides);
  emotrain::report::Progress progress(stderr);
  InterruptibleSink display(line.quiet ? nullptr : &progress);
  note_signals();
  try {
    print_result(emotrain::train::run({.config = loaded.config,
                                       .resolved_config = emotrain::config::write_options(loaded.config),
                                       .output_dir = line.output_dir,
                                       .init_from = line.init_from,
                                       .display = &display}),
                 loaded.config.trainer.stop_on_quiet);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    throw Error(ErrorKind::usage, emotrain::config::with_place(loaded, error.what()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  keep_standard_streams();
  // Neither a reader that went away nor a file that may not grow ends the process: writing fails, and that is reported.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    if (const auto line = parse_command_line(argc, argv)) train(*line);
    return 0;
  } catch (const Error& error) {
    return report_error(error.what(), exit_code(error.kind()));
  } catch (const Interrupted& interrupted) {
    return report_error(interrupted.what(), 128 + interrupted.signal());
  } catch (const std::bad_alloc&) {
    return report_error("out of memory; make the model, data.batch_size or trainer.eval_batch_size smaller", 1);
  } catch (const std::exception& error) {
    return report_error(error.what(), 1);
  }
}
