#include "emotrain/data/batches.hpp"

#include <algorithm>

#include "emotrain/core/error.hpp"
#include "emotrain/core/random.hpp"

namespace emotrain::data {

Batches::Batches(std::span<const std::int32_t> indices, Index batch_size, bool shuffle, std::uint64_t seed)
    : indices_(indices.begin(), indices.end()), batch_size_(batch_size), shuffle_(shuffle), seed_(seed) {
  if (indices.empty()) fail(ErrorKind::usage, "there are no samples to make batches of");
  if (batch_size < 1) fail(ErrorKind::usage, "data.batch_size: {}; it must be at least 1", batch_size);
  order_.reserve(indices.size());
}

Batches::Batch Batches::at(Index step) {
  const Index epoch = step / batches_per_epoch();
  const Index first = step % batches_per_epoch() * batch_size_;
  if (shuffle_ && epoch != epoch_) {
    fill_permutation({.seed = seed_, .stream = Stream::shuffle}, static_cast<std::uint64_t>(epoch), size(), order_);
    for (std::int32_t& i : order_) i = indices_[static_cast<std::size_t>(i)];
    epoch_ = epoch;
  }
  const std::span<const std::int32_t> order = shuffle_ ? order_ : indices_;
  return {epoch, order.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(std::min(batch_size_, size() - first)))};
}

}  // namespace emotrain::data
