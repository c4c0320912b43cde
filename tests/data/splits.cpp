#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "data/temp_folder.hpp"
#include "emotrain/data/bundled.hpp"
#include "emotrain/data/files.hpp"
#include "emotrain/data/synthetic.hpp"

namespace emotrain::data {
namespace {

using Indices = std::vector<std::int32_t>;

BlobsOptions blobs() {
  BlobsOptions options;
  options.samples = 1000;
  return options;
}

Indices range(std::int32_t begin, std::int32_t end) {
  Indices out(static_cast<std::size_t>(end - begin));
  std::iota(out.begin(), out.end(), begin);
  return out;
}

Indices merged(Indices a, const Indices& b) {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end());
  return a;
}

}  // namespace

TEST_CASE("the parts are disjoint, together all, each in file order, of the rounded sizes") {
  const Splits splits = load_splits(blobs());
  CHECK(splits.test.size() == 200);
  CHECK(splits.validation.size() == 80);
  CHECK(splits.train.size() == 720);
  for (const Indices* part : {&splits.train, &splits.validation, &splits.test}) CHECK(std::is_sorted(part->begin(), part->end()));
  CHECK(merged(merged(splits.train, splits.validation), splits.test) == range(0, 1000));
  CHECK(splits.test_set == splits.training_set);
}

TEST_CASE("split_seed alone decides: the same again, another with another seed") {
  auto options = blobs();
  const Splits first = load_splits(options);
  options.seed = 5;
  options.noise = 1;
  options.shuffle = false;
  options.batch_size = 3;
  const Splits again = load_splits(options);
  CHECK(again.train == first.train);
  CHECK(again.test == first.test);
  options.split_seed = 1;
  const Splits other = load_splits(options);
  CHECK(other.validation != first.validation);
  CHECK(other.test != first.test);
}

TEST_CASE("the test part does not depend on offset, limit and validation_fraction") {
  auto options = blobs();
  const Splits all = load_splits(options);
  options.offset = 100;
  options.limit = 300;
  options.validation_fraction = 0.25;
  const Splits part = load_splits(options);
  CHECK(part.test == all.test);
  const Indices training = merged(all.train, all.validation);
  CHECK(merged(part.train, part.validation) == Indices(training.begin() + 100, training.begin() + 400));
  CHECK(part.validation.size() == 75);
}

TEST_CASE("offset and limit are samples of the file; a published test set stays whole") {
  DigitsOptions options;
  options.root = EMOTRAIN_SOURCE "/data";
  options.validation_fraction = 0;
  options.limit = 96;
  CHECK(load_splits(options).train == range(0, 96));
  options.offset = 10;
  const Splits splits = load_splits(options);
  CHECK(splits.train == range(10, 106));
  CHECK(splits.validation.empty());
  CHECK(splits.test == range(0, 359));
  options.limit.reset();
  CHECK(load_splits(options).train == range(10, 1438));
}

TEST_CASE("numbers that do not fit are named") {
  DigitsOptions options;
  options.root = EMOTRAIN_SOURCE "/data";
  options.limit = 1439;
  CHECK(contains(error_of(ErrorKind::usage, [&] { load_splits(options); }), "limit: 1439 from data.offset 0 on"));
  options.limit = 1438;
  CHECK(load_splits(options).train.size() == 1294);
  options.limit.reset();
  options.offset = 1438;
  CHECK(contains(error_of(ErrorKind::usage, [&] { load_splits(options); }), "offset: 1438 leaves nothing of 1438"));
  options.offset = 1437;
  options.validation_fraction = 0.6;
  CHECK(contains(error_of(ErrorKind::usage, [&] { load_splits(options); }), "validation_fraction: 0.6 of 1 samples"));
  auto points = blobs();
  points.test_fraction = 0.9999;
  CHECK(contains(error_of(ErrorKind::usage, [&] { load_splits(points); }), "test_fraction"));
}

TEST_CASE("standardization: constant columns become 0, and only the training part counts") {
  const TempFolder folder;
  std::string rows = "a,b,label\n";
  for (int i = 0; i < 50; ++i) rows += std::to_string(i) + ",0.1,0\n";
  CsvOptions options;
  options.path = folder.write("t.csv", rows + "1e6,0.1,0\n");
  options.test_fraction = 0;
  options.validation_fraction = 0;
  options.limit = 50;
  const Splits splits = load_splits(options);
  CHECK(splits.standardization.mean[0] == doctest::Approx(24.5));
  CHECK(splits.standardization.deviation[0] == doctest::Approx(14.430870));
  CHECK(splits.standardization.deviation[1] == 1);
  CHECK(splits.training_set->reals[1] == doctest::Approx(0).epsilon(1e-6));
  CHECK(splits.training_set->reals[0] == doctest::Approx(-24.5 / 14.430870));
}

}  // namespace emotrain::data
