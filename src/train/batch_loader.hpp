#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "emotrain/data/dataset.hpp"
#include "emotrain/nn/model.hpp"

namespace emotrain::train {

/// Makes batches of a data set's samples. Tensors come from the pool, so that nothing is allocated after the first batch of each size.
class BatchLoader {
 public:
  BatchLoader(const data::Dataset& set, Index largest_batch);

  /// The labels are valid until the next call.
  nn::Batch load(std::span<const std::int32_t> indices);

 private:
  const data::Dataset& set_;
  std::vector<std::int32_t> labels_;
};

}  // namespace emotrain::train
