#include "interruption.hpp"

#include <unistd.h>

#include <csignal>
#include <ctime>
#include <initializer_list>

namespace {

constexpr int exit_code_base = 128;

volatile std::sig_atomic_t noted = 0;
timespec noted_at{};

/// Some programs signal a process and then its group: what comes at once is one signal, not a person's second one.
bool is_echo() {
  constexpr long milliseconds = 200;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - noted_at.tv_sec) * 1000 + (now.tv_nsec - noted_at.tv_nsec) / 1'000'000 < milliseconds;
}

extern "C" void note_signal(int signal) {
  if (noted != 0 && !is_echo()) ::_exit(exit_code_base + signal);
  if (noted != 0) return;
  ::clock_gettime(CLOCK_MONOTONIC, &noted_at);
  noted = signal;
}

}  // namespace

void note_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction inherited {};
    // Whoever started the program so that it ignores a signal (nohup, a shell's background job) means it.
    if (::sigaction(signal, nullptr, &inherited) == 0 && inherited.sa_handler == SIG_IGN) continue;
    ::sigaction(signal, &action, nullptr);
  }
}

int noted_signal() { return noted; }

void forget_signals() {
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction current {};
    if (::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == note_signal) std::signal(signal, SIG_DFL);
  }
}
