#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "emotrain/core/error.hpp"
#include "emotrain/core/random.hpp"
#include "emotrain/data/options.hpp"

namespace emotrain::data {
namespace {

enum Substream : std::uint32_t { validation_draw = 0, test_draw = 1 };

std::vector<std::int32_t> all_indices(const Dataset& set) {
  std::vector<std::int32_t> indices(static_cast<std::size_t>(set.size));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

/// Moves round(fraction * n) of the indices to the result; both stay in order. At least one must remain.
std::vector<std::int32_t> draw(std::vector<std::int32_t>& indices, double fraction, const char* key, Index seed, Substream substream) {
  const auto n = static_cast<Index>(indices.size());
  const auto count = static_cast<Index>(std::llround(fraction * static_cast<double>(n)));
  if (count >= n) fail(ErrorKind::usage, "{}: {} of {} samples leaves none for training; make it smaller", key, fraction, n);
  std::vector<std::int32_t> order;
  fill_permutation({.seed = static_cast<std::uint64_t>(seed), .stream = Stream::split, .substream = substream}, 0, n, order);
  std::vector<char> is_drawn(indices.size(), 0);
  for (Index i = 0; i < count; ++i) is_drawn[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = 1;
  std::vector<std::int32_t> drawn;
  std::vector<std::int32_t> rest;
  for (std::size_t i = 0; i < indices.size(); ++i) (is_drawn[i] != 0 ? drawn : rest).push_back(indices[i]);
  indices = std::move(rest);
  return drawn;
}

void limit_window(std::vector<std::int32_t>& indices, const DataOptions& options) {
  const auto n = static_cast<Index>(indices.size());
  if (options.offset < 0 || options.offset >= n) {
    fail(ErrorKind::usage, "offset: {} leaves nothing of {} training samples; make it smaller", options.offset, n);
  }
  const Index limit = options.limit.value_or(n - options.offset);
  if (limit < 1 || limit > n - options.offset) {
    fail(ErrorKind::usage, "limit: {} from data.offset {} on, but there are {} training samples; at most {}", limit, options.offset, n,
         n - options.offset);
  }
  indices.erase(indices.begin() + options.offset + limit, indices.end());
  indices.erase(indices.begin(), indices.begin() + options.offset);
}

Standardization measure(const Dataset& set, const std::vector<std::int32_t>& rows) {
  const auto columns = static_cast<std::size_t>(set.sample_shape.size());
  const auto n = static_cast<double>(rows.size());
  const auto row = [&](std::int32_t i) { return set.reals.data() + static_cast<std::size_t>(i) * columns; };
  Standardization result{std::vector<double>(columns), std::vector<double>(columns)};
  for (const std::int32_t i : rows) {
    for (std::size_t c = 0; c < columns; ++c) result.mean[c] += row(i)[c] / n;
  }
  for (const std::int32_t i : rows) {
    for (std::size_t c = 0; c < columns; ++c) {
      const double difference = row(i)[c] - result.mean[c];
      result.deviation[c] += difference * difference / n;
    }
  }
  for (std::size_t c = 0; c < columns; ++c) {
    // Rounding leaves equal values a deviation of a few units in the last place of their mean.
    const double deviation = std::sqrt(result.deviation[c]);
    const bool constant = deviation <= 1e-12 * std::abs(result.mean[c]);
    result.deviation[c] = constant ? 1 : deviation;
  }
  return result;
}

void apply(const Standardization& standardization, Dataset& set) {
  const std::size_t columns = standardization.mean.size();
  for (std::size_t i = 0; i < set.reals.size(); ++i) {
    const std::size_t c = i % columns;
    set.reals[i] = static_cast<Real>((set.reals[i] - standardization.mean[c]) / standardization.deviation[c]);
  }
}

}  // namespace

void DataOptions::fields(FieldVisitor& visitor) {
  visitor.field({"batch_size", "samples in a batch; the last batch of an epoch may be smaller", {.min = 1, .max = 1e6}}, batch_size);
  visitor.field({"validation_fraction", "part of the training samples kept for validation", {.min = 0, .below = 1}}, validation_fraction);
  visitor.field({"split_seed", "draws the validation samples (and the test samples of a set that has none)", {.min = 0}}, split_seed);
  visitor.field({"limit", "number of training samples to use, from offset on, in file order; null: all", {.min = 1}}, limit);
  visitor.field({"offset", "training samples to leave out at the start of the file", {.min = 0}}, offset);
  visitor.field({"shuffle", "a new order each epoch, drawn by the run's seed; false: file order"}, shuffle);
  if (!reads_files()) return;
  visitor.field({"root", "folder that holds the data sets; null: ./data, else the installed one"}, root);
}

void UnsplitDataOptions::fields(FieldVisitor& visitor) {
  visitor.field({"test_fraction", "part of all samples set aside for testing, drawn by split_seed", {.min = 0, .below = 1}}, test_fraction);
  DataOptions::fields(visitor);
}

Splits load_splits(const DataOptions& options) {
  const DataOptions::Loaded loaded = options.load();
  Splits splits;
  splits.training_set = loaded.training_set;
  splits.test_set = loaded.test_set;
  splits.train = all_indices(*loaded.training_set);
  if (loaded.test_set) {
    splits.test = all_indices(*loaded.test_set);
  } else {
    splits.test = draw(splits.train, loaded.test_fraction, "test_fraction", options.split_seed, test_draw);
    if (!splits.test.empty()) splits.test_set = loaded.training_set;
  }
  limit_window(splits.train, options);
  splits.validation = draw(splits.train, options.validation_fraction, "validation_fraction", options.split_seed, validation_draw);
  if (loaded.validates_on_training) splits.validation = splits.train;
  if (loaded.standardize) {
    splits.standardization = measure(*loaded.training_set, splits.train);
    apply(splits.standardization, *loaded.training_set);
    if (loaded.test_set) apply(splits.standardization, *loaded.test_set);
  }
  return splits;
}

}  // namespace emotrain::data
