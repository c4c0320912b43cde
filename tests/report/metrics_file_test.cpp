#include "emotrain/report/metrics_file.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "emotrain/core/error.hpp"
#include "support/temporary_directory.hpp"

using namespace emotrain;
using nlohmann::json;
using report::StepRecord;

namespace {

std::vector<json> lines_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<json> out;
  for (std::string line; std::getline(in, line);) out.push_back(json::parse(line));
  return out;
}

StepRecord plain_step(Index step) {
  return {.step = step, .epoch = 0.1, .loss = 1.0 / 3, .learning_rate = 1e-3, .grad_norm = 2e-7, .rule = "adamw"};
}

}  // namespace

TEST_CASE("a step's line has all keys and gives the same bits back") {
  const TemporaryDirectory directory;
  const auto path = directory / "metrics.jsonl";
  {
    report::MetricsFile file(path);
    file.begin({.name = "t", .steps = 2, .logging_steps = 10});
    StepRecord record = plain_step(1);
    file.step(record);
    record.step = 2;
    record.rule = "navi";
    record.loss = 5e-324;
    record.emotion = StepRecord::Feeling{0.1, 0.5, 0.7, -1.0 / 7, 0.3, 1, true};
    record.shadow_distance = 1e300 / 3;
    constexpr std::string_view events[] = {"label_noise", "lr_factor"};
    record.events = events;
    file.step(record);
    file.end();
  }
  const std::vector<json> lines = lines_of(path);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == json{{"step", 1},
                         {"epoch", 0.1},
                         {"loss", 1.0 / 3},
                         {"learning_rate", 1e-3},
                         {"grad_norm", 2e-7},
                         {"ema_short", nullptr},
                         {"ema_medium", nullptr},
                         {"ema_long", nullptr},
                         {"scalar", nullptr},
                         {"ratio", nullptr},
                         {"drive", nullptr},
                         {"rule", "adamw"},
                         {"should_stop", nullptr},
                         {"shadow_distance", nullptr}});
  CHECK(lines[1]["loss"].get<double>() == 5e-324);
  CHECK(lines[1]["ema_short"].get<double>() == 0.1);
  CHECK(lines[1]["ema_medium"].get<double>() == 0.5);
  CHECK(lines[1]["ema_long"].get<double>() == 0.7);
  CHECK(lines[1]["scalar"].get<double>() == -1.0 / 7);
  CHECK(lines[1]["ratio"].get<double>() == 0.3);
  CHECK(lines[1]["drive"].get<double>() == 1);
  CHECK(lines[1]["should_stop"] == true);
  CHECK(lines[1]["shadow_distance"].get<double>() == 1e300 / 3);
  CHECK(lines[1]["events"] == json{"label_noise", "lr_factor"});
}

TEST_CASE("a step's line ends with the details that the record has") {
  const TemporaryDirectory directory;
  const auto path = directory / "metrics.jsonl";
  report::MetricsFile file(path);
  const std::vector<double> point{0.5, -1.0 / 3};
  const std::vector<report::LayerRecord> layers{{"enc.0", 2, 0.5, 0.25}, {"out", 3, std::nan(""), std::nullopt}};
  StepRecord record = plain_step(1);
  record.point = point;
  record.moved = 0.75;
  record.layers = layers;
  file.step(record);
  file.end();
  const json line = lines_of(path).front();
  CHECK(line["point"] == json{0.5, -1.0 / 3});
  CHECK(!line.contains("shadow_point"));
  CHECK(line["moved"] == 0.75);
  CHECK(line["layers"] == json{{"enc.0", {{"norm", 2}, {"moved", 0.5}, {"shadow_distance", 0.25}}},
                               {"out", {{"norm", 3}, {"moved", nullptr}, {"shadow_distance", nullptr}}}});
}

TEST_CASE("an evaluation's line has its metrics and no loss; what is not finite is null") {
  const TemporaryDirectory directory;
  const auto path = directory / "metrics.jsonl";
  report::MetricsFile file(path);
  const std::vector<report::Metric> metrics{
      {"eval_loss", 0.25}, {"eval_accuracy", std::nan("")}, {"test_loss", std::numeric_limits<double>::infinity()}};
  file.evaluation({.step = 7, .epoch = 2, .metrics = metrics});
  const std::vector<json> lines = lines_of(path);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == json{{"step", 7}, {"epoch", 2}, {"eval_loss", 0.25}, {"eval_accuracy", nullptr}, {"test_loss", nullptr}});
}

TEST_CASE("lines reach the file at each logging interval, when the buffer is full, and at the end") {
  const TemporaryDirectory directory;
  const auto path = directory / "metrics.jsonl";
  report::MetricsFile file(path);
  file.begin({.name = "t", .steps = 1000, .logging_steps = 10});
  for (Index step = 1; step <= 15; ++step) file.step(plain_step(step));
  CHECK(lines_of(path).size() == 10);
  file.end();
  CHECK(lines_of(path).size() == 15);
  file.begin({.name = "t", .steps = 1000, .logging_steps = 100'000});
  for (Index step = 16; step <= 1000; ++step) file.step(plain_step(step));
  CHECK(std::filesystem::file_size(path) > 64 * 1024);
  file.end();
  CHECK(lines_of(path).size() == 1000);
}

TEST_CASE("metrics.jsonl is never overwritten, and a full disk is an error") {
  const TemporaryDirectory directory;
  const report::MetricsFile file(directory / "metrics.jsonl");
  const auto again = [&] { const report::MetricsFile second(directory / "metrics.jsonl"); };
  CHECK(kind_of(again) == ErrorKind::cannot_create);

  const FileSizeLimit limit(1000);
  report::MetricsFile large(directory / "large.jsonl");
  large.begin({.name = "t", .steps = 100, .logging_steps = 100});
  const auto fill = [&] {
    for (Index step = 1; step <= 100; ++step) large.step(plain_step(step));
  };
  CHECK(kind_of(fill) == ErrorKind::io);
}
