#include "emotrain/study/episodes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "emotrain/optim/optimizer.hpp"

using namespace emotrain;
using study::Episode;
using study::EpisodeKind;
using study::Key;

namespace {

/// Between -1 and 1, the same for the same number.
double noise(int i) {
  auto x = static_cast<std::uint32_t>(i) * 2654435761U;
  x ^= x >> 15U;
  x *= 2246822519U;
  x ^= x >> 13U;
  return x / 2147483648.0 - 1;
}

/// What an optimizer of that name makes of losses; `first` is the number of the first step.
study::RunRecord run_of(const char* optimizer, int steps, const std::function<double(int)>& loss, Index first = 1) {
  study::RunRecord run;
  run.config.optimizer = optim::optimizers().choose(optimizer);
  const auto& options = dynamic_cast<const optim::OptimizerOptions&>(*run.config.optimizer.options);
  std::optional<optim::Emotion> emotion;
  if (options.emotion.value) emotion.emplace(*options.emotion.value);
  study::StepSeries& record = run.steps;
  record.first_step = first;
  record.rules = {optimizer};
  for (int i = 0; i < steps; ++i) {
    for (auto& values : record.values) values.push_back(std::numeric_limits<double>::quiet_NaN());
    record.of(Key::loss).back() = loss(i);
    record.rule.push_back(0);
    const optim::Feeling felt = emotion ? emotion->feel(loss(i), i + 1) : optim::Feeling{};
    if (emotion) record.of(Key::scalar).back() = felt.scalar;
    record.should_stop.push_back(felt.should_stop ? 1 : 0);
  }
  return run;
}

std::string kinds(const std::vector<Episode>& story) {
  std::string out;
  for (const Episode& episode : story) out += (out.empty() ? "" : " ") + std::string(study::kind_name(episode.kind));
  return out;
}

/// Every step belongs to one, besides stop.
void check_whole(const study::RunRecord& run, const std::vector<Episode>& story) {
  Index next = run.steps.first_step;
  for (const Episode& episode : story) {
    CHECK(!episode.text.empty());
    CHECK(episode.text.back() == '.');
    if (episode.kind == EpisodeKind::stop) {
      CHECK(episode.from == episode.to);
      continue;
    }
    CHECK(episode.from == next);
    CHECK(episode.to >= episode.from);
    next = episode.to + 1;
  }
  CHECK(next == run.steps.last_step() + 1);
}

double spike(int i) { return i == 60 ? 9.0 : 1 + 0.01 * noise(i); }
double slope(int i) { return i < 100 ? 2 : i < 160 ? 2 - 0.02 * (i - 100) : 0.8; }
double hill(int i) { return i < 100 ? 1 : i < 200 ? 1 + 0.02 * (i - 100) : 3; }

}  // namespace

TEST_CASE("stories of losses that are known") {
  const struct {
    const char* optimizer;
    double (*loss)(int);
    int steps;
    const char* story;
  } rows[] = {
      {"emonavi", spike, 120, "quiet stop shock recovery tension quiet relief"},
      {"adamw", spike, 120, "quiet shock recovery tension quiet"},
      {"emonavi", slope, 400, "quiet stop relief"},
      {"adamw", slope, 400, "quiet relief"},
      {"emonavi", hill, 300, "quiet stop tension"},
      {"adamw", hill, 300, "quiet tension"},
      {"adamw", [](int) { return 1.0; }, 5, "quiet"},
      {"adamw", [](int) { return 1.0; }, 1, "quiet"},
      {"adamw", [](int i) { return i < 20 ? 1 + 0.01 * noise(i) : std::numeric_limits<double>::quiet_NaN(); }, 30, "quiet shock recovery"},
  };
  for (const auto& row : rows) {
    const study::RunRecord run = run_of(row.optimizer, row.steps, row.loss);
    const std::vector<Episode> story = study::episodes(run);
    CAPTURE(row.story);
    CHECK(kinds(story) == row.story);
    check_whole(run, story);
  }
  const std::vector<Episode> story = study::episodes(run_of("emonavi", 120, spike));
  CHECK(story[1].from == 32);
  CHECK(story[2].from == 61);
  CHECK(story[2].to == 61);
  CHECK(story[2].loss_to == 9);
  CHECK(story[3].to == 66);
}

TEST_CASE("a disturbance is a shock, whether or not the loss jumps, and recovery ends at the next one") {
  study::RunRecord run = run_of(
      "adamw", 200, [](int i) { return i >= 100 && i < 110 ? 4 : 1 + 0.01 * noise(i); }, 301);
  for (Index step = 401; step <= 404; ++step) run.steps.events[step] = {"label_noise"};
  run.steps.events[404].emplace_back("weight_noise");
  run.steps.events[460] = {"lr_factor"};
  const std::vector<Episode> story = study::episodes(run);
  CHECK(kinds(story) == "quiet shock recovery shock tension relief shock relief");
  check_whole(run, story);
  CHECK(story[1].text == "With wrong labels, the loss jumped from about 0.997 to 4.");
  CHECK(story[1].to == 401);
  CHECK(story[2].text.find("before the next shock") != std::string::npos);
  CHECK(story[3].from == 404);
  CHECK(story[6].text == "With a changed learning rate, the loss did not jump.");
}

TEST_CASE("any run has a readable number of episodes") {
  const struct {
    const char* optimizer;
    std::function<double(int)> loss;
  } rows[] = {
      {"emonavi", [](int i) { return 1 + 0.5 * noise(i); }},
      {"emonavi", [](int i) { return std::exp(-i / 2000.0) + 0.3 * std::abs(noise(i)); }},
      {"emonavi", [](int i) { return 2 + std::sin(i / 20.0); }},
      {"adamw", [](int i) { return 1 + 0.5 * noise(i); }},
      {"adamw", [](int i) { return i % 97 == 0 ? 50 : 1 + 0.1 * noise(i); }},
      {"adamw", [](int i) { return std::exp(3 * noise(i)); }},
      {"adamw", [](int i) { return -100 + i * 1e-3 + noise(i); }},
  };
  for (const auto& row : rows) {
    for (const int steps : {10, 100, 10000}) {
      const study::RunRecord run = run_of(row.optimizer, steps, row.loss);
      const std::vector<Episode> story = study::episodes(run);
      CHECK(story.size() <= 20);
      check_whole(run, story);
    }
  }
}

TEST_CASE("an episode says why should_stop rose") {
  study::RunRecord run = run_of("emonavi", 60, [](int) { return 1; });
  const auto text = [&] {
    const std::vector<Episode> story = study::episodes(run);
    return std::ranges::find(story, EpisodeKind::stop, &Episode::kind)->text;
  };
  CHECK(text() == "should_stop rose: the last 32 values of the scalar were quiet (mean size below 0.05, variance below 0.005).");
  run.config.trainer.stop_on_quiet = true;
  optim::EmotionOptions& emotion = *dynamic_cast<optim::OptimizerOptions&>(*run.config.optimizer.options).emotion.value;
  emotion.stop_value = "long";
  emotion.stop_history = "per_tensor";
  CHECK(
      text() ==
      "should_stop rose: the last 32 values of the scalar by the long average, of which each step brings one for every tensor of weights, "
      "were quiet (mean size below 0.05, variance below 0.005); the run ends here.");
  run.config.optimizer = optim::optimizers().choose("adamw");
  CHECK(text() == "should_stop rose; the run ends here.");
}
