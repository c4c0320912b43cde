#include "emotrain/report/progress.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace emotrain;
using report::Progress;
using report::StepRecord;

namespace {

double now = 0;
double scripted_seconds() { return now; }
std::size_t columns = 100;
std::size_t scripted_columns(std::FILE* /*stream*/) { return columns; }

Progress::Options options(bool live, bool unicode = false, bool colour = false, bool details = false) {
  return {.style = {.live = live, .unicode = unicode, .colour = colour},
          .details = details,
          .clock = scripted_seconds,
          .columns = scripted_columns};
}

/// What a Progress writes.
class Written {
 public:
  std::FILE* stream() const { return file_.get(); }
  std::string text() const {
    std::fflush(file_.get());
    std::rewind(file_.get());
    std::string out;
    for (int c = std::fgetc(file_.get()); c != EOF; c = std::fgetc(file_.get())) out.push_back(static_cast<char>(c));
    return out;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{std::tmpfile(), std::fclose};
};

void run_steps(Progress& progress, Index first, Index last, double seconds_each) {
  for (Index step = first; step <= last; ++step) {
    now += seconds_each;
    StepRecord record{.step = step, .epoch = static_cast<double>(step) / 100, .loss = static_cast<double>(step), .rule = "navi"};
    record.emotion = StepRecord::Feeling{.ema_short = 1, .ema_long = 2, .scalar = -0.41, .ratio = 0.3};
    record.shadow_distance = 1.5;
    progress.step(record);
  }
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

/// The rows of a terminal after it was sent `text`: characters wrap at its last column; \r, \n, and the sequences CUU, EL and ED as
/// ECMA-48 has them.
std::vector<std::string> screen(const std::string& text, std::size_t width) {
  std::vector<std::u32string> rows(1);
  std::size_t row = 0;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\r') {
      column = 0;
    } else if (byte == '\n') {
      column = 0;
      if (++row == rows.size()) rows.emplace_back();
    } else if (byte == 0x1b) {
      const std::size_t end = text.find_first_of("AKJm", i);
      if (text[end] == 'A') row -= std::min<std::size_t>(row, std::stoul(text.substr(i + 2)));
      if (text[end] == 'K' || text[end] == 'J') rows[row].resize(std::min(column, rows[row].size()));
      if (text[end] == 'J') rows.resize(row + 1);
      i = end;
    } else {
      char32_t c = byte;
      for (; i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xc0U) == 0x80U; ++i) {
        c = c << 8U | static_cast<unsigned char>(text[i + 1]);
      }
      if (column == width) {
        column = 0;
        if (++row == rows.size()) rows.emplace_back();
      }
      if (rows[row].size() <= column) rows[row].resize(column + 1, U' ');
      rows[row][column++] = c;
    }
  }
  std::vector<std::string> out;
  for (const std::u32string& characters : rows) {
    out.emplace_back();
    for (const char32_t c : characters) {
      for (int shift = 24; shift >= 0; shift -= 8) {
        if (const auto byte = static_cast<char>(c >> static_cast<unsigned>(shift)); byte != 0) out.back() += byte;
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("what is not a terminal gets a line each logging_steps, evaluations and the end") {
  const Written written;
  now = 100;
  Progress progress(written.stream(), options(false));
  progress.begin({.name = "t", .steps = 250, .logging_steps = 100, .details = {"not shown"}});
  run_steps(progress, 1, 200, 0.01);
  progress.evaluation({.step = 200, .epoch = 2, .metrics = std::vector<report::Metric>{{"eval_loss", 0.5}, {"eval_accuracy", 0.75}}});
  progress.detail("not shown");
  progress.notice("step 200 was skipped");
  run_steps(progress, 201, 250, 0.01);
  progress.end();
  CHECK(written.text() ==
        "100/250 epoch 1.00 | loss 50.5 | left 0:01 | scalar -0.41 mild relief | ratio 0.30 | shadow 1.5 | 100 steps/s\n"
        "200/250 epoch 2.00 | loss 150.5 | left 0:00 | scalar -0.41 mild relief | ratio 0.30 | shadow 1.5 | 100 steps/s\n"
        "step 200  epoch 2.00  eval_loss 0.5  eval_accuracy 0.75\n"
        "step 200 was skipped\n"
        "250/250 epoch 2.50 | loss 225.5 | left 0:00 | scalar -0.41 mild relief | ratio 0.30 | shadow 1.5 | eval_accuracy 0.75 | 100 "
        "steps/s\n");
}

TEST_CASE("details are for those who want them") {
  const Written written;
  Progress progress(written.stream(), options(false, false, false, true));
  progress.begin({.name = "t", .steps = 250, .logging_steps = 100, .details = {"data: mnist", "model: mlp"}});
  progress.detail("checkpoint after step 10");
  CHECK(written.text() == "data: mnist\nmodel: mlp\ncheckpoint after step 10\n");
}

TEST_CASE("a run that goes on is as fast as the steps that it takes now") {
  const Written written;
  now = 0;
  Progress progress(written.stream(), options(false));
  progress.begin({.name = "t", .steps = 3000, .logging_steps = 100});
  run_steps(progress, 1001, 1100, 0.125);
  CHECK(written.text().starts_with("1100/3000 epoch 11.00 | loss 1050 | left 3:57 |"));
  CHECK(written.text().ends_with("| 8.0 steps/s\n"));
}

TEST_CASE("a terminal gets two lines, rewritten at most ten times a second, with evaluations above") {
  for (const bool unicode : {true, false}) {
    CAPTURE(unicode);
    const Written written;
    now = 5;
    columns = 120;
    Progress progress(written.stream(), options(true, unicode));
    progress.begin({.name = "t", .steps = 2000, .logging_steps = 1});
    run_steps(progress, 1, 1000, 0.001);
    progress.evaluation({.step = 1000, .epoch = 10, .metrics = std::vector<report::Metric>{{"eval_loss", 0.5}, {"eval_accuracy", 0.75}}});
    run_steps(progress, 1001, 2000, 0.001);
    progress.end();
    const std::string text = written.text();
    CHECK(count(text, "\r") >= 18);
    CHECK(count(text, "\r") <= 21);
    const std::vector<std::string> rows = screen(text, columns);
    REQUIRE(rows.size() == 4);
    CHECK(rows[0] == "step 1000  epoch 10.00  eval_loss 0.5  eval_accuracy 0.75");
    const std::string bar = unicode ? "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━" : "=============================";
    CHECK(rows[1] ==
          "100% " + bar +
              (unicode ? " 2000/2000 · left 0:00 · 1000 steps/s · epoch 20.00" : " 2000/2000 | left 0:00 | 1000 steps/s | epoch 20.00"));
    CHECK(rows[2].find(unicode ? "▁▃▄▅▅▆▆▆▆▇▇▇▇▇▇▇▇██████" : "_:-==++++********######") != std::string::npos);
    CHECK(rows[2].find(unicode ? " · scalar -0.41 mild relief    ────●─┼────── · ratio 0.30 · shadow 1.50"
                               : " | scalar -0.41 mild relief    ----o-|------ | ratio 0.30 | shadow 1.50") != std::string::npos);
    CHECK(rows[3].empty());
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (!unicode) CHECK(std::ranges::all_of(text, is_ascii));
    for (std::size_t at = text.find("\x1b["); at != std::string::npos; at = text.find("\x1b[", at + 1))
      CHECK(text[text.find_first_not_of("0123456789;", at + 2)] != 'm');  // no colours
  }
}

TEST_CASE("lines are never wider than the terminal, whatever it is") {
  for (std::size_t width = 1; width < 160; ++width) {
    const Written written;
    now = 0;
    columns = width;
    Progress progress(written.stream(), options(true, true, true));
    progress.begin({.name = "t", .steps = 50, .logging_steps = 1});
    run_steps(progress, 1, 49, 1);
    const std::vector<std::string> rows = screen(written.text(), width);
    CHECK(rows.size() <= 2);
    if (width > 20) CHECK(rows.size() == 2);
    CHECK(std::ranges::all_of(rows, [&](const std::string& row) { return row.empty() || count(row, "\xe2") + row.size() <= 4 * width; }));
  }
}

TEST_CASE("a terminal that became narrower, and wrapped what was shown, is left with no rest of it") {
  const Written written;
  now = 0;
  columns = 100;
  Progress progress(written.stream(), options(true));
  progress.begin({.name = "t", .steps = 50, .logging_steps = 1});
  run_steps(progress, 1, 1, 1);
  columns = 40;
  run_steps(progress, 2, 12, 1);
  // What was written for 100 columns stands wrapped on a terminal of 40.
  const std::vector<std::string> rows = screen(written.text(), 40);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == " 24% ==....... 12/50 | left 0:38");
  CHECK(rows[1].starts_with("loss 12.00 "));
}

TEST_CASE("durations") {
  struct Row {
    double seconds;
    const char* text;
  };
  for (const auto& [seconds, text] : {Row{0, "0:00"}, {59.9, "0:59"}, {75, "1:15"}, {3599, "59:59"}, {3675, "1:01:15"}, {-1, "0:00"}}) {
    CHECK(report::duration(seconds) == text);
  }
}
