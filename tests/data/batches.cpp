#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "data/allocation_meter.hpp"
#include "data/temp_folder.hpp"
#include "emotrain/data/batches.hpp"
#include "emotrain/data/dataset.hpp"

namespace emotrain::data {
namespace {

using Indices = std::vector<std::int32_t>;

Indices copy(std::span<const std::int32_t> span) { return {span.begin(), span.end()}; }

Indices epoch_of(Batches& batches, Index epoch) {
  Indices all;
  for (Index i = 0; i < batches.batches_per_epoch(); ++i) {
    const Batches::Batch batch = batches.at(epoch * batches.batches_per_epoch() + i);
    CHECK(batch.epoch == epoch);
    all.insert(all.end(), batch.indices.begin(), batch.indices.end());
  }
  return all;
}

Dataset bytes_set(Index size, Index columns, Real scale) {
  Dataset set;
  set.sample_shape = {columns};
  set.size = size;
  set.scale = scale;
  for (Index i = 0; i < size * columns; ++i) set.bytes.push_back(static_cast<std::uint8_t>(i));
  return set;
}

}  // namespace

TEST_CASE("without shuffle, batches follow the list, and the last of an epoch is smaller") {
  const Indices list = {7, 3, 5, 1, 9};
  Batches batches(list, 2, false, 1);
  CHECK(batches.batches_per_epoch() == 3);
  CHECK(copy(batches.at(0).indices) == Indices{7, 3});
  CHECK(copy(batches.at(2).indices) == Indices{9});
  CHECK(copy(batches.at(3).indices) == Indices{7, 3});
  CHECK(batches.at(5).epoch == 1);
}

TEST_CASE("each epoch holds each index once, in an order of its own") {
  Indices list;
  for (std::int32_t i = 0; i < 100; ++i) list.push_back(3 * i);
  Batches batches(list, 8, true, 1);
  const Indices first = epoch_of(batches, 0);
  const Indices second = epoch_of(batches, 1);
  CHECK(first != second);
  CHECK(first != list);
  for (Indices epoch : {first, second}) {
    std::sort(epoch.begin(), epoch.end());
    CHECK(epoch == list);
  }
  Batches other(list, 8, true, 2);
  CHECK(epoch_of(other, 0) != first);
}

TEST_CASE("a batch is a function of its number: any order of calls, any start") {
  Indices list(50);
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = static_cast<std::int32_t>(i);
  Batches onwards(list, 7, true, 3);
  std::vector<Indices> expected;
  for (Index step = 0; step < 30; ++step) expected.push_back(copy(onwards.at(step).indices));
  Batches backwards(list, 7, true, 3);
  for (Index step = 29; step >= 0; --step) CHECK(copy(backwards.at(step).indices) == expected[static_cast<std::size_t>(step)]);
}

TEST_CASE("a batch larger than the set, and what is no batch") {
  Batches batches(Indices{4, 5}, 64, true, 1);
  CHECK(batches.batches_per_epoch() == 1);
  CHECK(batches.at(10).indices.size() == 2);
  CHECK(batches.at(10).epoch == 10);
  error_of(ErrorKind::usage, [] { Batches(Indices{}, 64, true, 1); });
  error_of(ErrorKind::usage, [] { Batches(Indices{1}, 0, true, 1); });
}

TEST_CASE("gather divides each byte by the scale, rounded once") {
  for (const Real scale : {Real(255), Real(16), Real(1), Real(3), Real(254.9), Real(1e-38), Real(1e38)}) {
    CAPTURE(scale);
    const Dataset set = bytes_set(1, 256, scale);
    std::vector<Real> values(512);
    gather(set, Indices{0, 0}, values.data(), nullptr);
    for (std::size_t i = 0; i < 512; ++i) {
      CHECK(values[i] == static_cast<Real>(static_cast<double>(i % 256) / static_cast<double>(scale)));
    }
  }
}

TEST_CASE("gather takes the samples asked for, with their labels, and writes nothing else") {
  Dataset set = bytes_set(5, 3, 1);
  set.labels = {10, 11, 12, 13, 14};
  std::vector<Real> values(7, -1);
  std::vector<std::int32_t> labels(3, -1);
  gather(set, Indices{4, 1}, values.data(), labels.data());
  CHECK(values == std::vector<Real>{12, 13, 14, 3, 4, 5, -1});
  CHECK(labels == Indices{14, 11, -1});

  Dataset table;
  table.sample_shape = {2};
  table.size = 3;
  table.reals = {Real(0.5), 1, 2, 3, 4, Real(5.5)};
  labels = {-1};
  gather(table, Indices{2, 0}, values.data(), labels.data());
  CHECK(std::vector<Real>(values.begin(), values.begin() + 4) == std::vector<Real>{4, Real(5.5), Real(0.5), 1});
  CHECK(labels == Indices{-1});
}

TEST_CASE("a step allocates nothing, nor does the first of an epoch") {
  const Dataset set = bytes_set(100, 64, 255);
  Indices list(100);
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = static_cast<std::int32_t>(i);
  Batches batches(list, 8, true, 1);
  std::vector<Real> values(8 * 64);
  std::vector<std::int32_t> labels(8);
  reset_allocations();
  for (Index step = 0; step < 40; ++step) gather(set, batches.at(step).indices, values.data(), labels.data());
  CHECK(allocations().count == 0);
}

}  // namespace emotrain::data
