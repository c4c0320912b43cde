#pragma once
#include <array>
#include <cstdio>
#include <string_view>

#include "emotrain/report/records.hpp"
#include "emotrain/report/terminal.hpp"
#include "report/display_line.hpp"
#include "report/loss_history.hpp"

namespace emotrain::report {

/// What is shown of a moment of a run.
struct Moment {
  const StepRecord& record;
  Index steps = 0;
  /// The mean since the last moment that was shown.
  double loss = 0;
  double seconds_left = 0;
  /// Steps a second.
  double rate = 0;
  std::string_view watched = {};
};

/// Two lines of a terminal, rewritten in place.
class LiveView {
 public:
  explicit LiveView(const DisplayStyle& style);

  void add(double loss) { history_.add(loss); }
  /// Replaces what is shown. Allocates nothing. `columns`: the terminal's.
  void draw(const Moment& moment, std::size_t columns, std::FILE* stream);
  /// Puts a line above them, to stay.
  void insert(std::string_view line, std::size_t columns, std::FILE* stream);
  /// Leaves the lines as they are, and goes to the next.
  void finish(std::FILE* stream);

 private:
  void compose_run(const Moment& moment, std::size_t columns);
  void compose_feelings(const Moment& moment, std::size_t columns);
  void append_bar(const Moment& moment, std::size_t columns);
  void append_history(std::size_t columns);
  void append_gauge(const StepRecord::Feeling& feeling);
  void write(std::string_view line_above, std::size_t columns, std::FILE* stream);
  void append_return(std::size_t columns);

  DisplayLine run_;
  DisplayLine feelings_;
  LossHistory history_;
  bool drawn_ = false;
  /// Columns of the lines that are on the terminal now.
  std::array<std::size_t, 2> shown_{};
  fmt::memory_buffer out_;
};

}  // namespace emotrain::report
