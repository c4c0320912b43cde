#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "emotrain/data/synthetic.hpp"

namespace emotrain::data {
namespace {

std::shared_ptr<const Dataset> points(const DataOptions& options) { return options.load().training_set; }

double radius(const Dataset& set, Index i) {
  return std::hypot(static_cast<double>(set.reals[static_cast<std::size_t>(2 * i)]),
                    static_cast<double>(set.reals[static_cast<std::size_t>(2 * i + 1)]));
}

template <class T>
T exact(Index samples) {
  T options;
  options.samples = samples;
  options.noise = 0;
  return options;
}

}  // namespace

TEST_CASE_TEMPLATE("synthetic sets: shape, balanced labels, a function of the seed", T, TwoMoonsOptions, SpiralsOptions, RingsOptions,
                   BlobsOptions) {
  T options;
  options.samples = 600;
  const auto set = points(options);
  CHECK(set->size == 600);
  CHECK(set->sample_shape == Shape{2});
  CHECK(set->reals.size() == 1200);
  CHECK(set->files.empty());
  std::vector<Index> counts(static_cast<std::size_t>(set->classes()));
  for (const std::int32_t label : set->labels) ++counts[static_cast<std::size_t>(label)];
  for (const Index count : counts) CHECK(count == 600 / set->classes());
  CHECK(points(options)->reals == set->reals);
  options.seed = 1;
  CHECK(points(options)->reals != set->reals);
}

TEST_CASE("a point does not depend on how many there are") {
  RingsOptions options;
  options.samples = 10;
  const auto few = points(options);
  options.samples = 1000;
  const auto many = points(options);
  CHECK(std::equal(few->reals.begin(), few->reals.end(), many->reals.begin()));
}

TEST_CASE("without noise, points lie on the curves") {
  const auto moons = points(exact<TwoMoonsOptions>(200));
  for (Index i = 0; i < 200; ++i) {
    const double x = moons->reals[static_cast<std::size_t>(2 * i)];
    const double y = moons->reals[static_cast<std::size_t>(2 * i + 1)];
    const bool upper = moons->labels[static_cast<std::size_t>(i)] == 0;
    CHECK(std::hypot(upper ? x : x - 1, upper ? y : y - 0.5) == doctest::Approx(1).epsilon(1e-5));
    CHECK((upper ? y >= 0 : y <= 0.5));
  }
  auto rings_options = exact<RingsOptions>(300);
  rings_options.classes = 3;
  const auto rings = points(rings_options);
  for (Index i = 0; i < 300; ++i)
    CHECK(radius(*rings, i) == doctest::Approx((rings->labels[static_cast<std::size_t>(i)] + 1) / 3.0).epsilon(1e-5));

  auto blobs_options = exact<BlobsOptions>(8);
  blobs_options.classes = 4;
  const auto blobs = points(blobs_options);
  CHECK(blobs->reals[2] == doctest::Approx(0).epsilon(1e-6));
  CHECK(blobs->reals[3] == doctest::Approx(1).epsilon(1e-6));

  const auto spirals = points(exact<SpiralsOptions>(200));
  for (Index i = 0; i < 200; ++i) {
    // The angle minus that of the arm is 2 pi times the radius.
    const double t = radius(*spirals, i);
    const double angle = 2 * std::numbers::pi * (t + spirals->labels[static_cast<std::size_t>(i)] / 2.0);
    CHECK(spirals->reals[static_cast<std::size_t>(2 * i)] == doctest::Approx(t * std::cos(angle)).epsilon(1e-4));
    CHECK(spirals->reals[static_cast<std::size_t>(2 * i + 1)] == doctest::Approx(t * std::sin(angle)).epsilon(1e-4));
  }
}

TEST_CASE("noise has the deviation asked for") {
  auto options = exact<BlobsOptions>(20'000);
  const auto still = points(options);
  options.noise = 0.2;
  const auto moved = points(options);
  double squares = 0;
  for (std::size_t i = 0; i < still->reals.size(); ++i) {
    const double difference = static_cast<double>(moved->reals[i]) - static_cast<double>(still->reals[i]);
    squares += difference * difference;
  }
  CHECK(std::sqrt(squares / 40'000) == doctest::Approx(0.2).epsilon(0.02));
}

}  // namespace emotrain::data
