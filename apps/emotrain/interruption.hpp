#pragma once
#include <stdexcept>

#include "emotrain/report/records.hpp"

/// SIGINT or SIGTERM came.
class Interrupted : public std::runtime_error {
 public:
  explicit Interrupted(int signal);
  int signal() const noexcept { return signal_; }

 private:
  int signal_;
};

/// From now on the first SIGINT or SIGTERM is only noted; a second one ends the process at once.
void note_signals();

/// Passes records on to another sink, if there is one, and throws Interrupted at the first record after a signal: the run then ends as
/// after any error, with its files complete.
class InterruptibleSink final : public emotrain::report::Sink {
 public:
  explicit InterruptibleSink(emotrain::report::Sink* next) : next_(next) {}
  void begin(const emotrain::report::RunOutline& outline) override;
  void step(const emotrain::report::StepRecord& record) override;
  void evaluation(const emotrain::report::EvaluationRecord& record) override;
  void picture(const emotrain::report::PictureRecord& record) override;
  void notice(std::string_view text) override;
  void detail(std::string_view text) override;
  void end() override;

 private:
  emotrain::report::Sink* next_;
};
