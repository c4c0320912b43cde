#include "emotrain/optim/emotion.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace emotrain;
using optim::Emotion;
using optim::Feeling;

namespace {

/// Feeds losses that make the scalars, one after the other; the step (from 1) at which should_stop is first seen, or 0.
Index first_stop(const std::vector<double>& scalars, Index values) {
  optim::EmotionOptions options;
  options.short_rate = 1;
  options.long_rate = 1e-300;
  options.gain = 1;
  options.stop_history = "per_tensor";
  Emotion emotion(options);
  emotion.feel(0, 1, 0);
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    if (emotion.feel(std::atanh(scalars[i]), static_cast<Index>(i) + 2, values).should_stop) return static_cast<Index>(i) + 1;
  }
  return 0;
}

std::vector<double> quiet(std::size_t n, double level = 0.01) { return std::vector<double>(n, level); }

std::vector<double> operator+(std::vector<double> a, const std::vector<double>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("emotion: the averages start at the first loss and then follow") {
  Emotion emotion{optim::EmotionOptions()};
  const Feeling first = emotion.feel(1);
  CHECK(first.ema_short == doctest::Approx(1).epsilon(1e-15));
  CHECK(first.ema_long == doctest::Approx(1).epsilon(1e-15));
  CHECK(std::abs(first.scalar) < 1e-14);
  const Feeling second = emotion.feel(2);
  CHECK(second.ema_short == doctest::Approx(1.3).epsilon(1e-15));
  CHECK(second.ema_long == doctest::Approx(1.01).epsilon(1e-15));
  CHECK(second.scalar == doctest::Approx(std::tanh(5 * 0.29)).epsilon(1e-14));
  CHECK(second.ratio == 0);
  CHECK(second.drive == 1);
}

TEST_CASE("emotion v1: the scalar depends on the direction and the scale of the loss") {
  struct Case {
    const char* what;
    std::vector<double> losses;
    double low, high;
  };
  const Case cases[] = {
      {"rising", {1, 1.5, 2}, 0.9, 1},
      {"falling", {2, 1.5, 1}, -1, -0.9},
      {"constant", {3, 3, 3}, -1e-12, 1e-12},
      {"a small loss cannot fire it", {0.001, 0.01, 0.01}, 0, 0.03},
      {"a summed loss saturates it", {500, 520, 540}, 0.999999, 1},
      {"a spike fades", {1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, -0.05, 0.05},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Emotion emotion{optim::EmotionOptions()};
    double scalar = 0;
    for (const double loss : c.losses) scalar = emotion.feel(loss).scalar;
    CHECK(scalar >= c.low);
    CHECK(scalar <= c.high);
  }
}

TEST_CASE("emotion: should_stop needs a full window that is quiet in mean and in variance") {
  struct Case {
    const char* what;
    std::vector<double> scalars;
    Index values, stop;
  };
  const Case cases[] = {
      {"quiet from the start", quiet(40), 1, 32},
      {"not full yet", quiet(31), 1, 0},
      {"per tensor, of 4", quiet(40), 4, 8},
      {"per tensor, of 5", quiet(40), 5, 7},
      {"per tensor, of more than the window", quiet(40), 100, 1},
      {"no tensor had a gradient", quiet(40), 0, 0},
      {"mean too large", quiet(60, 0.051), 1, 0},
      {"mean of magnitudes, not of values", quiet(20, 0.06) + quiet(20, -0.06), 1, 0},
      {"mean just small enough", quiet(60, -0.049), 1, 32},
      {"one spike: mean 0.028, variance 0.025", quiet(20, 0) + std::vector<double>{0.9} + quiet(20, 0), 1, 0},
      {"the spike has left the window", quiet(20, 0) + std::vector<double>{0.9} + quiet(40, 0), 1, 53},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(first_stop(c.scalars, c.values) == c.stop);
  }
}

TEST_CASE("emotion: should_stop is latched") {
  Emotion emotion{optim::EmotionOptions()};
  for (int i = 0; i < 32; ++i) emotion.feel(1);
  REQUIRE(emotion.state().should_stop);
  CHECK(emotion.feel(100).should_stop);
}

TEST_CASE("emotion: goes on from a restored state with the same bits") {
  const auto loss = [](int i) { return 1.5 + std::sin(i * 0.7) / (1 + i); };
  optim::EmotionOptions options;
  options.stop_history = "per_tensor";
  Emotion whole(options);
  Emotion resumed(options);
  for (int i = 0; i < 80; ++i) {
    if (i == 37) resumed.restore(whole.state());
    const Feeling a = whole.feel(loss(i), i + 1, 3);
    if (i < 37) continue;
    const Feeling b = resumed.feel(loss(i), i + 1, 3);
    CHECK(a.ema_short == b.ema_short);
    CHECK(a.ema_long == b.ema_long);
    CHECK(a.scalar == b.scalar);
    CHECK(a.should_stop == b.should_stop);
  }
  CHECK(whole.state().values == resumed.state().values);
  CHECK(whole.state().window == resumed.state().window);
}
