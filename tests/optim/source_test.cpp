#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cases.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/optim/emotion.hpp"

using namespace emotrain;

/// The sources "random" and "shuffled": controls whose scalars are a recorded run's, out of their order.
namespace {

const std::vector<double> recorded = {0.9, -0.7, 0.35, 0.35, 0, -0.4, 0.65, -0.05, 0.2, -0.99, 0.5};
const Index n = static_cast<Index>(recorded.size());

optim::EmotionOptions options(const std::string& source) {
  optim::EmotionOptions out;
  out.source = source;
  out.record = "runs/some-1/metrics.jsonl";
  out.check();
  return out;
}

/// The scalars of steps first .. first + count - 1.
std::vector<double> scalars(
    const std::string& source, Index first, Index count, std::uint64_t seed,
    const std::function<double(Index)>& loss = [](Index) { return 1.0; }, const std::vector<double>& record = recorded) {
  optim::Emotion emotion(options(source), record, seed);
  std::vector<double> out;
  for (Index step = first; step < first + count; ++step) out.push_back(emotion.feel(loss(step), step).scalar);
  return out;
}

std::vector<double> sorted(std::vector<double> values) {
  std::ranges::sort(values);
  return values;
}

std::vector<double> slice(const std::vector<double>& values, Index first, Index count) {
  return {values.begin() + first, values.begin() + first + count};
}

}  // namespace

TEST_CASE("shuffled: each cycle has each recorded scalar once, in an order of its own that the seed decides") {
  const std::vector<double> one = scalars("shuffled", 1, 6 * n, 1);
  const std::vector<double> two = scalars("shuffled", 1, 6 * n, 2);
  for (Index cycle = 0; cycle < 6; ++cycle) {
    CAPTURE(cycle);
    const std::vector<double> order = slice(one, cycle * n, n);
    CHECK(sorted(order) == sorted(recorded));
    CHECK(order != recorded);
    CHECK(sorted(slice(two, cycle * n, n)) == sorted(recorded));
    CHECK(order != slice(two, cycle * n, n));
    if (cycle > 0) CHECK(order != slice(one, (cycle - 1) * n, n));
  }
  CHECK(one == scalars("shuffled", 1, 6 * n, 1));
}

TEST_CASE("shuffled: every place in a cycle sees every scalar") {
  // 400 cycles of 3 different scalars: each of the 6 orders is expected 67 times, with a deviation of 7.5.
  const std::vector<double> record = {0.1, 0.2, 0.3};
  std::map<std::vector<double>, int> orders;
  const std::vector<double> drawn = scalars(
      "shuffled", 1, 1200, 5, [](Index) { return 1.0; }, record);
  for (Index cycle = 0; cycle < 400; ++cycle) ++orders[slice(drawn, 3 * cycle, 3)];
  REQUIRE(orders.size() == 6);
  for (const auto& [order, times] : orders) CHECK(std::abs(times - 66.7) < 40);
}

TEST_CASE("random: draws recorded scalars with replacement, by seed and step") {
  const std::vector<double> one = scalars("random", 1, 4000, 1);
  std::map<double, int> times;
  for (const double scalar : one) ++times[scalar];
  REQUIRE(times.size() == static_cast<std::size_t>(n - 1));
  // Each is expected 364 times with a deviation of 18, and 0.35, which is there twice, twice as often.
  for (const auto& [scalar, count] : times) {
    CAPTURE(scalar);
    CHECK(std::ranges::count(recorded, scalar) > 0);
    CHECK(std::abs(count - 4000.0 / double(n) * double(std::ranges::count(recorded, scalar))) < 110);
  }
  CHECK(sorted(slice(one, 0, n)) != sorted(recorded));
  CHECK(one == scalars("random", 1, 4000, 1));
  CHECK(one != scalars("random", 1, 4000, 2));
  CHECK(slice(one, 0, 2000) != slice(one, 2000, 2000));
}

TEST_CASE("random and shuffled are functions of the step, whatever the losses were and wherever a run resumed") {
  for (const std::string source : {"random", "shuffled"}) {
    CAPTURE(source);
    const std::vector<double> whole = scalars(source, 1, 5 * n, 7);
    CHECK(whole == scalars(source, 1, 5 * n, 7, [](Index step) { return std::sin(double(step)) + double(step % 3); }));
    for (const Index first : {2, 5, 11, 12, 13, 30, 44, 45}) {
      CAPTURE(first);
      CHECK(slice(whole, first - 1, 5 * n - first + 1) == scalars(source, first, 5 * n - first + 1, 7));
    }
    // Backwards too.
    optim::Emotion emotion(options(source), recorded, 7);
    for (Index step = 5 * n; step > 0; --step) CHECK(emotion.feel(1, step).scalar == whole[static_cast<std::size_t>(step - 1)]);
  }
}

TEST_CASE("random and shuffled: the averages still follow the loss") {
  for (const std::string source : {"random", "shuffled"}) {
    optim::Emotion emotion(options(source), recorded, 3);
    optim::Emotion reading{optim::EmotionOptions()};
    for (Index step = 1; step <= 3 * n; ++step) {
      const double loss = 2 + std::sin(double(step));
      const optim::Feeling ours = emotion.feel(loss, step);
      const optim::Feeling its = reading.feel(loss, step);
      CHECK(ours.ema_short == its.ema_short);
      CHECK(ours.ema_medium == its.ema_medium);
      CHECK(ours.ema_long == its.ema_long);
    }
  }
}

TEST_CASE("random and shuffled: a record of one scalar") {
  for (const std::string source : {"random", "shuffled"}) {
    CHECK(scalars(source, 1, 5, 3, [](Index) { return 1.0; }, {0.25}) == std::vector<double>(5, 0.25));
  }
}

TEST_CASE("an optimizer hands its recorded scalars and its seed to its emotion, and follows them") {
  for (const std::string source : {"random", "shuffled"}) {
    for (const char* edition : {"v1", "v3.6"}) {
      CAPTURE(source);
      const nlohmann::json emotion = {{"source", source}, {"record", "metrics.jsonl"}};
      const nlohmann::json config = {{"name", "emonavi"}, {"edition", edition}, {"use_shadow", true}, {"emotion", emotion}};
      std::vector<Tensor> parameters = {Tensor::full({3, 2}, 1).set_requires_grad(true)};
      const auto optimizer = options_from(config)->build(parameters, {.seed = 9, .recorded_scalars = recorded});
      const std::vector<double> expected = scalars(source, 1, 40, 9);
      for (Index step = 1; step <= 40; ++step) {
        std::ranges::fill(std::span(parameters[0].grad_sink().data, 6), Real(0.5));
        const optim::Feeling feeling = *optimizer->step({.step = step, .loss = 1, .lr = 0.01}).emotion;
        const double s = expected[static_cast<std::size_t>(step - 1)];
        CHECK(feeling.scalar == s);
        optim::ShadowOptions shadow;
        shadow.use_edition(edition);
        CHECK(feeling.ratio == shadow.ratio(s));
        if (std::string(edition) == "v3.6" && std::abs(s) > 0.75) CHECK(feeling.drive == doctest::Approx(1 - std::abs(s)));
        CHECK(feeling.ema_short == doctest::Approx(1));
      }
    }
  }
}

TEST_CASE("a source that wants a record is refused without one") {
  for (const char* source : {"random", "shuffled"}) {
    nlohmann::json config = {{"name", "emonavi"}, {"emotion", {{"source", source}}}};
    CHECK_THROWS_WITH_AS(options_from(config), doctest::Contains("record:"), Error);
    config["emotion"]["record"] = "metrics.jsonl";
    CHECK_THROWS_WITH_AS(options_from(config)->build({}), doctest::Contains("emotion/record:"), Error);
  }
  CHECK_THROWS_WITH_AS(options_from(nlohmann::json::parse(R"({"name": "emonavi", "emotion": {"record": "metrics.jsonl"}})")),
                       doctest::Contains("record:"), Error);
}
