#include "emotrain/study/comparison.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>

#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/study/job.hpp"
#include "train/configs.hpp"

using namespace emotrain;
using study::Outcome;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
using Scores = std::vector<std::vector<double>>;

/// 20 scores of AdamW on the noisy quadratic: starts by `repeat` and seed, noise by `noise` too.
std::vector<double> adamw_scores(double lr, std::uint64_t repeat, std::uint64_t noise) {
  const Choice optimizer = test::choose(optim::optimizers(), "adamw", {{"lr", lr}});
  const Choice schedule = test::choose(optim::schedulers(), "constant", {});
  std::vector<double> scores;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::uint64_t start = repeat * 1000 + seed;
    const study::FunctionJob job{.function = *nn::find_function("noisy_quadratic"),
                                 .optimizer = optimizer,
                                 .scheduler = schedule,
                                 .steps = 30,
                                 .seed = start,
                                 .noise_seed = start * 10 + noise};
    scores.push_back(study::run_job(job, {1}).metric("value"));
  }
  return scores;
}

}  // namespace

TEST_CASE("who diverges on more seeds than not has lost, however many they are") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (std::size_t diverged = 0; diverged <= 20; ++diverged) {
    CAPTURE(diverged);
    std::vector<std::vector<double>> scores(2);
    for (std::size_t seed = 0; seed < 20; ++seed) {
      const double noise = 0.01 * static_cast<double>(seed * 7 % 20);
      scores[0].push_back(1 + noise);
      scores[1].push_back(seed < diverged ? infinity : 2 + noise / 3);
    }
    const auto pairs = study::compare_pairs(scores, 1);
    CHECK(pairs[0].outcome == study::Outcome::first_better);
    CHECK_FALSE(std::isnan(pairs[0].difference));
    CHECK_FALSE(std::isnan(pairs[0].interval.low));
    CHECK_FALSE(std::isnan(pairs[0].interval.high));
    CHECK(pairs[0].difference < 0);
  }
}

TEST_CASE("differences of error rates that differ by as many counts are the same") {
  std::vector<double> a, b;
  for (int i = 0; i < 50; ++i) {
    a.push_back(1 - (300.0 + i) / 360);
    b.push_back(1 - (303.0 + i) / 360);
  }
  const std::vector<double> d = study::differences(a, b);
  CHECK(std::set<double>(d.begin(), d.end()).size() > 1);
  std::vector<double> with_one_less = d;
  with_one_less[0] = -d[0];
  // All ranks are the same: one of 50 is negative.
  CHECK(study::signed_rank_test(with_one_less).negative == 25.5);
  // Greater scores elsewhere change nothing.
  CHECK(study::differences(std::vector<double>{1e16, 2}, std::vector<double>{0, 1}) == std::vector<double>{1e16, 1});
}

TEST_CASE("AdamW against itself, with other noise: the 95 % interval seldom excludes 0") {
  constexpr std::uint64_t n = 1000;
  std::uint64_t excluded = 0;
  for (std::uint64_t repeat = 0; repeat < n; ++repeat) {
    const auto pairs = study::compare_pairs({adamw_scores(0.05, repeat, 1), adamw_scores(0.05, repeat, 2)}, repeat);
    excluded += pairs.front().interval.contains(0) ? 0 : 1;
  }
  CAPTURE(excluded);
  CHECK(100 * excluded <= 8 * n);
  // An interval that never excludes it is too wide.
  CHECK(100 * excluded >= 2 * n);
}

TEST_CASE("a learning rate ten times smaller is found out") {
  constexpr std::uint64_t n = 200;
  std::uint64_t found = 0;
  for (std::uint64_t repeat = 0; repeat < n; ++repeat) {
    const auto pairs = study::compare_pairs({adamw_scores(0.05, repeat, 1), adamw_scores(0.005, repeat, 2)}, repeat);
    found += pairs.front().outcome == Outcome::first_better ? 1 : 0;
  }
  CAPTURE(found);
  CHECK(100 * found >= 99 * n);
}

TEST_CASE("what is said of two arms") {
  std::vector<double> low;
  std::vector<double> high;
  std::vector<double> noisy;
  for (int i = 0; i < 12; ++i) {
    low.push_back(1 + 0.01 * i);
    high.push_back(2 + 0.02 * i);
    noisy.push_back(1 + 0.01 * i + (i % 2 == 0 ? 0.1 : -0.1) * (1 + 0.05 * i));
  }
  std::vector<double> diverged = low;
  for (std::size_t i = 0; i < 10; ++i) diverged[i] = infinity;
  const auto few = [](const std::vector<double>& scores) { return std::vector<double>(scores.begin(), scores.begin() + 7); };
  struct Row {
    const char* name;
    Scores scores;
    Outcome outcome;
  };
  const Row rows[] = {
      {"better", {low, high}, Outcome::first_better},
      {"worse", {high, low}, Outcome::second_better},
      {"noise", {low, noisy}, Outcome::undetected},
      {"identical", {low, low}, Outcome::identical},
      {"seven seeds", {few(low), few(high)}, Outcome::too_few_seeds},
      {"seven identical seeds", {few(low), few(low)}, Outcome::identical},
      {"one diverges", {low, diverged}, Outcome::first_better},
      {"both diverge, always", {std::vector<double>(12, infinity), std::vector<double>(12, infinity)}, Outcome::identical},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto pairs = study::compare_pairs(row.scores, 1);
    REQUIRE(pairs.size() == 1);
    CHECK(pairs.front().outcome == row.outcome);
  }
  const study::PairComparison pair = study::compare_pairs({low, high}, 1).front();
  CHECK(pair.difference == doctest::Approx(-1.055));
  CHECK((pair.interval.low < pair.difference && pair.difference < pair.interval.high && pair.interval.high < -1));
  CHECK(pair.test.correlation() == -1);
  CHECK(study::compare_pairs({low, diverged}, 1).front().by_median);
}

TEST_CASE("Holm's method covers all pairs of a problem; ranks and divergences count") {
  std::vector<double> a;
  std::vector<double> b;
  for (int i = 0; i < 10; ++i) {
    a.push_back(i);
    b.push_back(i + (i < 8 ? 1.0 + 0.1 * i : -0.2));
  }
  const double alone = study::compare_pairs({a, b}, 1).front().adjusted_p;
  const auto pairs = study::compare_pairs({a, b, a}, 1);
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[0].adjusted_p == doctest::Approx(std::min(1.0, 3 * alone)));
  CHECK(pairs[1].outcome == Outcome::identical);
  std::vector<double> c = b;
  c[0] = infinity;
  const auto arms = study::summarize({a, c});
  CHECK(arms[0].mean == 4.5);
  CHECK(arms[0].median == 4.5);
  CHECK(arms[0].mean_rank == doctest::Approx(1.2));
  CHECK(arms[1].mean_rank == doctest::Approx(1.8));
  CHECK(arms[1].divergences == 1);
  CHECK(std::isinf(arms[1].mean));
  CHECK(std::isinf(arms[1].worst));
  CHECK(std::isfinite(arms[1].median));
}
