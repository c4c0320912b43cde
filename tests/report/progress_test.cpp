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
    record.emotion = StepRecord::Feeling{.scalar = -0.25, .ratio = 0.3};
    record.shadow_distance = 1.5;
    progress.step(record);
  }
}

std::size_t count(const std::string& text, char c) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), c)); }

}  // namespace

TEST_CASE("what is not a terminal gets a line each logging_steps, evaluations and the end") {
  const Written written;
  now = 100;
  Progress progress(written.stream(), Progress::Style::lines, scripted_seconds);
  CHECK(Progress::style_for(written.stream()) == Progress::Style::lines);
  progress.begin({.name = "t", .steps = 250, .logging_steps = 100});
  run_steps(progress, 1, 200, 0.01);
  progress.evaluation({.step = 200, .epoch = 2, .metrics = std::vector<report::Metric>{{"eval_loss", 0.5}, {"eval_accuracy", 0.75}}});
  run_steps(progress, 201, 250, 0.01);
  progress.end();
  CHECK(written.text() ==
        "100/250 epoch 1.00 | loss 50.5 | left 0:01 | scalar -0.25 | ratio 0.30 | shadow 1.5 | 100 steps/s\n"
        "200/250 epoch 2.00 | loss 150.5 | left 0:00 | scalar -0.25 | ratio 0.30 | shadow 1.5 | 100 steps/s\n"
        "step 200  epoch 2.00  eval_loss 0.5  eval_accuracy 0.75\n"
        "250/250 epoch 2.50 | loss 225.5 | left 0:00 | scalar -0.25 | ratio 0.30 | shadow 1.5 | eval_accuracy 0.75 | 100 steps/s\n");
}

TEST_CASE("a terminal gets one line, rewritten at most ten times a second") {
  const Written written;
  now = 5;
  Progress progress(written.stream(), Progress::Style::live, scripted_seconds);
  progress.begin({.name = "t", .steps = 2000, .logging_steps = 1});
  run_steps(progress, 1, 2000, 0.001);
  progress.end();
  const std::string text = written.text();
  CHECK(count(text, '\n') == 1);
  CHECK(text.back() == '\n');
  CHECK(count(text, '\r') >= 18);
  CHECK(count(text, '\r') <= 20);
  CHECK(text.find("[=====>    ]") != std::string::npos);
  CHECK(text.find("2000/2000 [==========]") != std::string::npos);
  CHECK(text.find("scalar -0.25 | ratio 0.30 | shadow 1.5") != std::string::npos);
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
