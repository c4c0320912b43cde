#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "emotrain/core/random.hpp"
#include "emotrain/core/threads.hpp"
#include "train/measures/colour.hpp"
#include "train/measures/principal_components.hpp"
#include "train/measures/spectrum.hpp"

/// The mathematics of trainer.extra_metrics.
using namespace emotrain;

namespace {

/// cos(2 pi (u y / height + v x / width) + phase).
std::vector<Real> sinusoid(Index height, Index width, Index u, Index v, double phase) {
  std::vector<Real> plane;
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const double turns =
          static_cast<double>(u * y) / static_cast<double>(height) + static_cast<double>(v * x) / static_cast<double>(width);
      plane.push_back(static_cast<Real>(std::cos(2 * std::numbers::pi * turns + phase)));
    }
  }
  return plane;
}

double energy(const std::vector<Real>& values) {
  double sum = 0;
  for (const Real value : values) sum += double{value} * double{value};
  return sum;
}

std::vector<Real> noise(Index n, std::uint64_t step) {
  std::vector<Real> values(static_cast<std::size_t>(n));
  fill_normal({.seed = 1}, step, values.data(), n, 0, 1);
  return values;
}

}  // namespace

TEST_CASE("a sinusoid has its power in the band of its frequency and in no other") {
  struct Row {
    Index height;
    Index width;
    Index u;
    Index v;
    std::size_t band;
  };
  const Row table[] = {
      {28, 28, 0, 0, 1},     {28, 28, 0, 3, 1},   {28, 28, 3, 0, 1},  {28, 28, 2, 2, 1},   {28, 28, 3, 2, 2},   {28, 28, 0, 4, 2},
      {28, 28, 0, 7, 3},     {28, 28, 5, -5, 3},  {28, 28, 0, 11, 4}, {28, 28, 14, 0, 4},  {28, 28, 14, 14, 4}, {32, 32, 0, 4, 2},
      {32, 32, 8, 0, 3},     {32, 32, 12, 0, 4},  {32, 32, 11, 0, 3}, {8, 8, 0, 1, 2},     {8, 8, 2, 0, 3},     {8, 8, 3, -1, 4},
      {16, 100, 0, 12, 1},   {16, 100, 0, 13, 2}, {16, 100, 2, 0, 2}, {16, 100, 1, 10, 1}, {16, 100, 1, 11, 2}, {9, 7, 4, 0, 4},
      {120, 90, -30, 20, 3}, {1, 40, 0, 5, 2},
  };
  for (const auto& [height, width, u, v, band] : table) {
    CAPTURE(height);
    CAPTURE(width);
    CAPTURE(u);
    CAPTURE(v);
    for (const double phase : {0.0, 0.3, 1.1}) {
      const std::vector<Real> plane = sinusoid(height, width, u, v, phase);
      const train::BandPower power = train::RadialBands(height, width).power(plane);
      for (std::size_t i = 0; i < train::band_count; ++i) {
        const double expected = i + 1 == band ? energy(plane) : 0;
        CHECK(std::abs(power[i] - expected) < 1e-5 * energy(plane));
      }
    }
  }
}

TEST_CASE("the bands divide the power of any images, which adds up over planes, on any number of threads") {
  for (const auto& [height, width] : {std::pair<Index, Index>{28, 28}, {8, 8}, {7, 13}, {31, 6}}) {
    const train::RadialBands bands(height, width);
    const std::vector<Real> planes = noise(70 * height * width, 1);
    set_threads(1);
    const train::BandPower power = bands.power(planes);
    CHECK(power[0] + power[1] + power[2] + power[3] == doctest::Approx(energy(planes)).epsilon(1e-6));
    train::BandPower sum{};
    for (std::size_t first = 0; first < planes.size(); first += static_cast<std::size_t>(height * width)) {
      const train::BandPower one = bands.power(std::span(planes).subspan(first, static_cast<std::size_t>(height * width)));
      for (std::size_t i = 0; i < train::band_count; ++i) sum[i] += one[i];
    }
    for (std::size_t i = 0; i < train::band_count; ++i) CHECK(sum[i] == doctest::Approx(power[i]).epsilon(1e-12));
    set_threads(3);
    CHECK(bands.power(planes) == power);
    set_threads(1);
  }
}

TEST_CASE("images that are too small for a band are known") {
  CHECK(train::RadialBands(1, 1).empty_band() == 1);
  CHECK(train::RadialBands(4, 4).empty_band() == 1);
  CHECK(train::RadialBands(1, 5).empty_band() == 2);
  for (Index size = 6; size < 40; ++size) CHECK(!train::RadialBands(1, size).empty_band());
}

TEST_CASE("principal components of samples with a known covariance") {
  struct Row {
    Index samples;
    std::vector<double> deviations;
    /// Those that are found.
    std::size_t count;
  };
  // Axes that are turned by reflections I - 2 w w^T with a unit vector w.
  const Row table[] = {{3, {2, 1}, 2},
                       {500, {5, 4, 3, 2, 1, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01}, 8},
                       {500, {5, 3, 0, 0, 0}, 2},
                       {400, {3, 2.9, 2.8, 2.7, 2.6, 2.5, 2.4, 2.3, 2.2, 2.1, 2, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1}, 8},
                       {1, {1, 1, 1}, 0},
                       {10, {0, 0}, 0}};
  for (const auto& [n, deviations, count] : table) {
    const auto dimension = static_cast<Index>(deviations.size());
    CAPTURE(n);
    CAPTURE(dimension);
    std::vector<Real> w = noise(dimension, 2);
    const auto norm = static_cast<Real>(std::sqrt(energy(w)));
    for (Real& value : w) value /= norm;
    // Sines and cosines over the samples have mean 0 and are orthogonal: the covariance is exact.
    const Tensor samples = Tensor::empty({n, dimension});
    for (Index i = 0; i < n; ++i) {
      std::vector<double> x;
      double along = 0;
      for (Index j = 0; j < dimension; ++j) {
        const double angle = 2 * std::numbers::pi * static_cast<double>((j / 2 + 1) * i) / static_cast<double>(n);
        x.push_back(deviations[static_cast<std::size_t>(j)] * std::sqrt(2.0) * (j % 2 == 0 ? std::cos(angle) : std::sin(angle)));
        along += x.back() * double{w[static_cast<std::size_t>(j)]};
      }
      for (Index j = 0; j < dimension; ++j)
        samples.data()[i * dimension + j] =
            static_cast<Real>(7 + x[static_cast<std::size_t>(j)] - 2 * along * double{w[static_cast<std::size_t>(j)]});
    }
    const train::PrincipalComponents found = train::principal_components(samples, 8);
    REQUIRE(found.variances.size() == count);
    for (std::size_t k = 0; k < count; ++k) {
      CHECK(found.variances[k] == doctest::Approx(deviations[k] * deviations[k]).epsilon(1e-4));
      // Axis k, reflected.
      double cosine = 0;
      for (std::size_t j = 0; j < w.size(); ++j) {
        const double axis = (j == k ? 1 : 0) - 2 * double{w[k]} * double{w[j]};
        cosine += axis * double{found.directions.data()[k * w.size() + j]};
      }
      CHECK(std::abs(cosine) == doctest::Approx(1).epsilon(1e-5));
    }
  }
}

TEST_CASE("colours of sRGB in CIELAB") {
  struct Row {
    double rgb[3];
    double lab[3];
  };
  // Lindbloom's and everybody's tables of the primaries under D65, to the two digits that they agree in; greys by the formula.
  const Row table[] = {{{0, 0, 0}, {0, 0, 0}},
                       {{1, 1, 1}, {100, 0, 0}},
                       {{1, 0, 0}, {53.24, 80.09, 67.20}},
                       {{0, 1, 0}, {87.73, -86.18, 83.18}},
                       {{0, 0, 1}, {32.30, 79.19, -107.86}},
                       {{1, 1, 0}, {97.14, -21.55, 94.48}},
                       {{0, 1, 1}, {91.11, -48.09, -14.13}},
                       {{1, 0, 1}, {60.32, 98.23, -60.82}},
                       {{128 / 255.0, 128 / 255.0, 128 / 255.0}, {53.59, 0, 0}},
                       {{2 / 255.0, 2 / 255.0, 2 / 255.0}, {0.55, 0, 0}}};
  for (const auto& [rgb, lab] : table) {
    const train::Lab found = train::lab_of_srgb(rgb[0], rgb[1], rgb[2]);
    CHECK(std::abs(found.l - lab[0]) < 0.01);
    CHECK(std::abs(found.a - lab[1]) < 0.01);
    CHECK(std::abs(found.b - lab[2]) < 0.01);
  }
}

TEST_CASE("distances of colours") {
  struct Row {
    train::Lab one;
    train::Lab other;
    double distance;
  };
  // By the calculators of brucelindbloom.com (the first) and colormine.org.
  for (const auto& [one, other, distance] : {Row{{100, -50, 50}, {20, 10, -20}, 122.06555}, Row{{36, 60, 41}, {55, 66, 77}, 41.146081}}) {
    CHECK(train::colour_distance(one, other).all == doctest::Approx(distance).epsilon(1e-7));
    CHECK(train::colour_distance(other, one).chromatic == doctest::Approx(std::hypot(one.a - other.a, one.b - other.b)).epsilon(1e-12));
  }
  // Two pixels: red and white, against green and a grey that only differs in lightness; values beyond the range are cut.
  const std::vector<Real> one{1, 1, 0, 1, 0, 1};
  const std::vector<Real> other{-1, Real(0.5), 2, Real(0.5), 0, Real(0.5)};
  const train::ColourDistance sum = train::colour_distance(one, other, 2);
  const train::Lab red = train::lab_of_srgb(1, 0, 0);
  const train::Lab green = train::lab_of_srgb(0, 1, 0);
  CHECK(sum.chromatic == doctest::Approx(train::colour_distance(red, green).chromatic).epsilon(1e-9));
  CHECK(sum.all == doctest::Approx(train::colour_distance(red, green).all + 100 - train::lab_of_srgb(0.5, 0.5, 0.5).l).epsilon(1e-9));
  CHECK(train::colour_distance(one, one, 2).all == 0);
}
