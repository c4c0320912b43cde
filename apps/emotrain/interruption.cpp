#include "interruption.hpp"

#include <unistd.h>

#include <csignal>

namespace {

constexpr int exit_code_base = 128;

volatile std::sig_atomic_t noted = 0;

extern "C" void note_signal(int signal) {
  if (noted != 0) ::_exit(exit_code_base + signal);
  noted = signal;
}

}  // namespace

void note_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int noted_signal() { return noted; }
