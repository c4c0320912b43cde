#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <variant>

#include "command_line.hpp"
#include "commands.hpp"
#include "emotrain/core/error.hpp"
#include "error_report.hpp"

namespace {

/// A standard stream that the caller closed must not become the number of a file of the run.
void keep_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0) std::abort();
  }
}

}  // namespace

int main(int argc, char** argv) {
  keep_standard_streams();
  // Neither a reader that went away nor a file that may not grow ends the process: writing fails, and that is reported.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return std::visit([](const auto& command) { return run(command); }, parse_command_line(argc, argv));
  } catch (const ClosedOutput&) {
    return 128 + SIGPIPE;
  } catch (const emotrain::Error& error) {
    return report_error(error);
  } catch (const std::bad_alloc&) {
    return report_error("out of memory; make the model, data.batch_size or trainer.eval_batch_size smaller", 1);
  } catch (const std::exception& error) {
    return report_error(error.what(), 1);
  }
}
