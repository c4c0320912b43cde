#include <algorithm>

#include "emotrain/data/dataset.hpp"

namespace emotrain::data {
namespace {

/// Samples of a shuffled batch lie anywhere in memory: asking for each some samples ahead made a batch of MNIST three times faster.
constexpr std::size_t samples_ahead = 4;
constexpr Index cache_line = 64;
/// Longer samples the hardware follows by itself.
constexpr Index longest_prefetch = 4096;

void gather_bytes(const Dataset& set, std::span<const std::int32_t> indices, Real* values) {
  const Index n = set.sample_shape.size();
  const Real scale = set.scale;
  // One line of each first: the addresses of all samples are then translated side by side, which made a batch another third faster.
  for (const std::int32_t index : indices) __builtin_prefetch(set.bytes.data() + index * n);
  for (std::size_t k = 0; k < indices.size(); ++k) {
    if (k + samples_ahead < indices.size()) {
      const std::uint8_t* later = set.bytes.data() + indices[k + samples_ahead] * n;
      for (Index i = 0; i < std::min(n, longest_prefetch); i += cache_line) __builtin_prefetch(later + i);
    }
    const std::uint8_t* sample = set.bytes.data() + indices[k] * n;
    for (Index i = 0; i < n; ++i) values[i] = static_cast<Real>(sample[i]) / scale;
    values += n;
  }
}

void gather_reals(const Dataset& set, std::span<const std::int32_t> indices, Real* values) {
  const Index n = set.sample_shape.size();
  for (const std::int32_t index : indices) values = std::copy_n(set.reals.data() + index * n, n, values);
}

}  // namespace

void gather(const Dataset& set, std::span<const std::int32_t> indices, Real* values, std::int32_t* labels) {
  if (set.bytes.empty()) {
    gather_reals(set, indices, values);
  } else {
    gather_bytes(set, indices, values);
  }
  if (labels == nullptr || set.labels.empty()) return;
  for (const std::int32_t index : indices) *labels++ = set.labels[static_cast<std::size_t>(index)];
}

}  // namespace emotrain::data
