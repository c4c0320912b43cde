#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <variant>

#include "command_line.hpp"
#include "commands.hpp"
#include "emotrain/core/error.hpp"
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
