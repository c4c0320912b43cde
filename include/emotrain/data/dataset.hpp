#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "emotrain/core/real.hpp"
#include "emotrain/core/shape.hpp"

namespace emotrain::data {

/// Samples in memory, all of one shape. Images are stored as bytes [C, H, W] and read as value / scale (0..1); tables as Real.
struct Dataset {
  std::string name;
  /// Of one sample: (1,28,28), (3,32,32), (13).
  Shape sample_shape;
  Index size = 0;
  /// One of the two is filled: size * sample_shape.size() values.
  std::vector<std::uint8_t> bytes;
  std::vector<Real> reals;
  /// Divisor for `bytes` (255; 16 for digits8x8).
  Real scale = 255;
  /// size entries in [0, classes), or none.
  std::vector<std::int32_t> labels;
  std::vector<std::string> class_names;
  Index classes() const { return static_cast<Index>(class_names.size()); }
  /// Files it was read from (in the bytes of the file system, which need not be UTF-8), with their SHA-256 left to the manifest's writer.
  std::vector<std::string> files;
};

/// What was done to each column of a table: value = (value - mean) / deviation. Empty: nothing.
struct Standardization {
  std::vector<double> mean;
  /// sqrt(sum (x - mean)^2 / n); 1 for a column of equal values.
  std::vector<double> deviation;
};

/// The parts of a data set that a run uses. `train` and `validation` are disjoint index lists into `training_set`.
/// A set without a published test part has test_set == training_set, and `test` is disjoint from both.
struct Splits {
  std::shared_ptr<const Dataset> training_set;
  /// Null: there is no test part.
  std::shared_ptr<const Dataset> test_set;
  std::vector<std::int32_t> train;
  std::vector<std::int32_t> validation;
  std::vector<std::int32_t> test;
  /// Taken from the samples in `train` alone, already applied to both sets.
  Standardization standardization;
};

/// Writes samples `indices` of `set` one after the other to `values` (indices.size() * sample_shape.size()) and, if there are labels and
/// `labels` is not null, their labels. Bytes become Real(byte) / scale, rounded once. Allocates nothing.
void gather(const Dataset& set, std::span<const std::int32_t> indices, Real* values, std::int32_t* labels);

}  // namespace emotrain::data
