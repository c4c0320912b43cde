#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "emotrain/report/terminal.hpp"
#include "emotrain/report/zone.hpp"
#include "report/display_line.hpp"
#include "report/loss_history.hpp"

using namespace emotrain;
using report::Zone;

TEST_CASE("how a run is shown depends on the terminal, TERM, NO_COLOR and the locale") {
  struct Row {
    report::TerminalEnvironment environment;
    bool live, unicode, colour;
  };
  const Row rows[] = {
      {{.is_terminal = true, .term = "xterm", .lang = "en_GB.UTF-8"}, true, true, true},
      {{.is_terminal = false, .term = "xterm", .lang = "en_GB.UTF-8"}, false, false, false},
      {{.is_terminal = true, .term = "dumb", .lang = "en_GB.UTF-8"}, false, false, false},
      {{.is_terminal = true, .term = "", .lang = "en_GB.UTF-8"}, false, false, false},
      {{.is_terminal = true, .term = "xterm", .no_color = "1", .lang = "C.utf8"}, true, true, false},
      {{.is_terminal = true, .term = "xterm", .no_color = "0", .lang = "C.utf8"}, true, true, false},
      {{.is_terminal = true, .term = "xterm"}, true, false, true},
      {{.is_terminal = true, .term = "xterm", .lc_all = "C", .lc_ctype = "C.UTF-8", .lang = "C.UTF-8"}, true, false, true},
      {{.is_terminal = true, .term = "xterm", .lc_ctype = "POSIX", .lang = "C.UTF-8"}, true, false, true},
      {{.is_terminal = true, .term = "xterm", .lc_ctype = "de_DE.UTF-8", .lang = "C"}, true, true, true},
      {{.is_terminal = true, .term = "xterm", .lang = "de_DE.ISO-8859-1"}, true, false, true},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    const report::DisplayStyle style = style_for(row.environment);
    CHECK(style.live == row.live);
    CHECK(style.unicode == row.unicode);
    CHECK(style.colour == row.colour);
  }
}

TEST_CASE("zones follow the loss's averages and the strength of the scalar, whatever its sign") {
  struct Row {
    double ema_short, ema_long, scalar;
    const char* name;
  };
  const Row rows[] = {
      {2, 1, 0.7, "strong tension"}, {2, 1, -0.7, "strong tension"}, {2, 1, 0.6, "mild tension"},   {2, 1, 0.31, "mild tension"},
      {2, 1, 0.3, "calm"},           {1, 2, -0.3, "calm"},           {1, 2, -0.31, "mild relief"},  {1, 2, 0.31, "mild relief"},
      {1, 2, -0.6, "mild relief"},   {1, 2, -0.61, "strong relief"}, {1, 2, 0.61, "strong relief"}, {1, 1, 0, "calm"},
      {2, 1, std::nan(""), "calm"}};
  for (const auto& [ema_short, ema_long, scalar, name] : rows) {
    CAPTURE(scalar);
    CHECK(zone_name(report::zone_of({.ema_short = ema_short, .ema_long = ema_long, .scalar = scalar})) == name);
  }
}

TEST_CASE("the history of the loss covers the whole run, however long") {
  for (const Index losses : {1, 5, 63, 64, 65, 200, 12'345}) {
    CAPTURE(losses);
    report::LossHistory history;
    for (Index i = 0; i < losses; ++i) history.add(static_cast<double>(i));
    std::vector<double> out(16);
    const std::size_t pieces = history.pieces(out);
    CHECK(pieces == std::min<std::size_t>(16, static_cast<std::size_t>(losses)));
    const double length = static_cast<double>(losses) / static_cast<double>(pieces);
    for (std::size_t i = 0; i < pieces; ++i) {
      // Within a stretch, which is at most a 32nd of the run, and half a piece.
      CHECK(std::abs(out[i] - (static_cast<double>(i) + 0.5) * length) <= length / 2 + static_cast<double>(losses) / 32);
      if (i > 0) CHECK(out[i] > out[i - 1]);
    }
  }
}

TEST_CASE("the history's mean is the run's, and what is not finite is left out") {
  report::LossHistory history;
  for (int i = 0; i < 128; ++i) history.add(i % 2 == 0 ? 1 : 3);
  history.add(std::nan(""));
  double mean = 0;
  REQUIRE(history.pieces({&mean, 1}) == 1);
  CHECK(mean == doctest::Approx(2));
}

TEST_CASE("levels are logarithmic for what is above 0, linear else, and 0 for equal values") {
  std::vector<double> values{1, 10, 100};
  report::levels_of(values, 9);
  CHECK(values == std::vector<double>{0, 4, 8});
  values = {-1, 0, 3};
  report::levels_of(values, 9);
  CHECK(values == std::vector<double>{0, 2, 8});
  values = {5, 5};
  report::levels_of(values, 9);
  CHECK(values == std::vector<double>{0, 0});
}

TEST_CASE("a line keeps the fields that fit its columns; escape sequences take none") {
  CHECK(report::columns_of("\x1b[31mab\x1b[0m\xe2\x94\x80") == 3);
  report::DisplayLine line(true, true);
  line.begin(10);
  line.field("|", [&] { line.append("1234"); });
  line.field("|", [&] { line.append("too long a field"); });
  line.field("|", [&] {
    line.colour("31");
    line.choose("─", "-");
    line.colour("0");
  });
  CHECK(line.text() == "1234|\x1b[31m─\x1b[0m");
  CHECK(line.used() == 6);
}
