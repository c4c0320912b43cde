#include "interruption.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

namespace {

constexpr int exit_code_base = 128;

volatile std::sig_atomic_t noted_signal = 0;

extern "C" void note_signal(int signal) {
  if (noted_signal != 0) ::_exit(exit_code_base + signal);
  noted_signal = signal;
}

void throw_if_interrupted() {
  if (noted_signal != 0) throw Interrupted(noted_signal);
}

}  // namespace

Interrupted::Interrupted(int signal)
    : std::runtime_error(fmt::format("interrupted by {}", signal == SIGINT ? "SIGINT" : "SIGTERM")), signal_(signal) {}

void note_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void InterruptibleSink::begin(const emotrain::report::RunOutline& outline) {
  if (next_ != nullptr) next_->begin(outline);
}

void InterruptibleSink::step(const emotrain::report::StepRecord& record) {
  if (next_ != nullptr) next_->step(record);
  throw_if_interrupted();
}

void InterruptibleSink::evaluation(const emotrain::report::EvaluationRecord& record) {
  if (next_ != nullptr) next_->evaluation(record);
  throw_if_interrupted();
}

void InterruptibleSink::picture(const emotrain::report::PictureRecord& record) {
  if (next_ != nullptr) next_->picture(record);
}

void InterruptibleSink::notice(std::string_view text) {
  if (next_ != nullptr) next_->notice(text);
}

void InterruptibleSink::detail(std::string_view text) {
  if (next_ != nullptr) next_->detail(text);
}

void InterruptibleSink::end() {
  if (next_ != nullptr) next_->end();
}
