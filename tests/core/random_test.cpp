#include "emotrain/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "emotrain/core/threads.hpp"

namespace emotrain::test {
namespace {

RandomKey key(std::uint64_t seed, Stream stream = Stream::test, std::uint32_t substream = 0) {
  return {.seed = seed, .stream = stream, .substream = substream};
}

struct Moments {
  double mean, variance, skewness, kurtosis;
};

Moments moments(const std::vector<Real>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (Real x : values) mean += static_cast<double>(x) / n;
  double power[5] = {};
  for (Real x : values) {
    const double d = static_cast<double>(x) - mean;
    for (int k = 2; k <= 4; ++k) power[k] += std::pow(d, k) / n;
  }
  return {mean, power[2], power[3] / std::pow(power[2], 1.5), power[4] / (power[2] * power[2])};
}

}  // namespace

TEST_CASE("the bits are Philox4x32-10's, by the known answers of Random123") {
  struct Row {
    RandomKey key;
    std::uint64_t step, block;
    std::uint32_t words[4];
  };
  const Row rows[] = {
      {key(0, Stream{0}), 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {key(~0ULL, Stream{0xff}, 0xffffff), ~0ULL, 0xffffffff, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {key(0x299f31d0a4093822, Stream{0x85}, 0xa308d3), 0x0370734413198a2e, 0x243f6a88, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (const Row& row : rows) {
    for (std::uint64_t j = 0; j < 4; ++j) CHECK(random_bits(row.key, row.step, 4 * row.block + j) == row.words[j]);
  }
}

TEST_CASE("numbers depend on their place alone: not on how many are drawn, nor on the number of threads") {
  std::vector<Real> all(5000);
  fill_uniform(key(1), 3, all.data(), 5000, 0, 1);
  for (Index i : {0, 1, 2, 3, 4, 1023, 1024, 4999}) {
    CHECK(all[static_cast<std::size_t>(i)] ==
          std::min(static_cast<Real>(random_bits(key(1), 3, static_cast<std::uint64_t>(i)) * 0x1p-32), std::nextafter(Real(1), Real(0))));
  }
  std::vector<Real> normal(5000);
  fill_normal(key(1), 3, normal.data(), 5000, 0, 1);
  for (const Index n : {1, 2, 3, 5, 1023, 1025, 2047, 4999}) {
    std::vector<Real> part(static_cast<std::size_t>(n));
    fill_uniform(key(1), 3, part.data(), n, 0, 1);
    CHECK(std::equal(part.begin(), part.end(), all.begin()));
    fill_normal(key(1), 3, part.data(), n, 0, 1);
    CHECK(std::equal(part.begin(), part.end(), normal.begin()));
  }
  set_threads(3);
  std::vector<Real> threaded(5000);
  fill_normal(key(1), 3, threaded.data(), 5000, 0, 1);
  set_threads(1);
  CHECK(threaded == normal);
}

TEST_CASE("seeds, streams, substreams and steps are independent") {
  std::vector<Real> base(10000);
  fill_normal(key(1), 3, base.data(), 10000, 0, 1);
  const auto correlation = [&](const RandomKey& other, std::uint64_t step) {
    std::vector<Real> values(10000);
    fill_normal(other, step, values.data(), 10000, 0, 1);
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += static_cast<double>(values[i]) * static_cast<double>(base[i]);
    return std::abs(sum) / 10000;
  };
  CHECK(correlation(key(1), 3) > 0.9);
  CHECK(correlation(key(2), 3) < 0.05);
  CHECK(correlation(key(1, Stream::init), 3) < 0.05);
  CHECK(correlation(key(1, Stream::test, 1), 3) < 0.05);
  CHECK(correlation(key(1), 4) < 0.05);
}

TEST_CASE("uniform and normal numbers have the moments of their distributions") {
  std::vector<Real> values(1000000);
  fill_uniform(key(4), 0, values.data(), 1000000, -1, 3);
  CHECK(std::ranges::all_of(values, [](Real x) { return x >= -1 && x < 3; }));
  const Moments uniform = moments(values);
  CHECK(uniform.mean == doctest::Approx(1).epsilon(0.002));
  CHECK(uniform.variance == doctest::Approx(16.0 / 12).epsilon(0.003));
  CHECK(uniform.kurtosis == doctest::Approx(1.8).epsilon(0.005));
  fill_normal(key(4), 0, values.data(), 1000000, 2, 3);
  const Moments normal = moments(values);
  CHECK(normal.mean == doctest::Approx(2).epsilon(0.004));
  CHECK(normal.variance == doctest::Approx(9).epsilon(0.006));
  CHECK(std::abs(normal.skewness) < 0.01);
  CHECK(normal.kurtosis == doctest::Approx(3).epsilon(0.01));
}

TEST_CASE("a permutation holds every number once, and every number comes everywhere") {
  std::vector<std::int32_t> order;
  for (const Index n : {0, 1, 2, 5, 1000}) {
    fill_permutation(key(6), 0, n, order);
    std::vector<std::int32_t> sorted = order;
    std::ranges::sort(sorted);
    REQUIRE(sorted.size() == static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < sorted.size(); ++i) CHECK(sorted[i] == static_cast<std::int32_t>(i));
  }
  int counts[4][4] = {};
  for (std::uint64_t step = 0; step < 8000; ++step) {
    fill_permutation(key(6), step, 4, order);
    for (std::size_t i = 0; i < 4; ++i) ++counts[i][order[i]];
  }
  for (const auto& row : counts) {
    for (int count : row) CHECK(std::abs(count - 2000) < 5 * 39);
  }
}

}  // namespace emotrain::test
