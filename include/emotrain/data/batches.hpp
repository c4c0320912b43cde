#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "emotrain/core/real.hpp"

namespace emotrain::data {

/// The order in which samples are seen: epoch after epoch, each index once an epoch, cut into batches. The last batch of an epoch is
/// smaller if the count does not divide (torch.utils.data.DataLoader with drop_last=False).
///
/// Epoch e is the permutation random(seed, Stream::shuffle, step e) of the indices, or the indices as given without `shuffle`. So a batch
/// is a pure function of its number: nothing needs to be saved to go on from any step.
class Batches {
 public:
  struct Batch {
    /// From 0.
    Index epoch = 0;
    /// Into the data set. Valid until `at` is called for another epoch.
    std::span<const std::int32_t> indices;
  };

  /// Copies `indices`. Throws Error{usage} if there are none or batch_size < 1.
  Batches(std::span<const std::int32_t> indices, Index batch_size, bool shuffle, std::uint64_t seed);

  /// Number of indices.
  Index size() const noexcept { return static_cast<Index>(indices_.size()); }
  Index batch_size() const noexcept { return batch_size_; }
  Index batches_per_epoch() const noexcept { return (size() + batch_size_ - 1) / batch_size_; }
  /// Batch number `step`, from 0 and counted through all epochs. Any order of calls; the first of an epoch shuffles (about 1 ms for
  /// 60,000 indices). Allocates nothing.
  Batch at(Index step);

 private:
  std::vector<std::int32_t> indices_;
  std::vector<std::int32_t> order_;
  Index batch_size_;
  bool shuffle_;
  std::uint64_t seed_;
  Index epoch_ = -1;
};

}  // namespace emotrain::data
