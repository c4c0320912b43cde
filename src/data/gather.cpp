#include <algorithm>
#include <cmath>

#include "emotrain/data/dataset.hpp"

namespace emotrain::data {
namespace {

/// Samples of a shuffled batch lie anywhere in memory: asking for each some samples ahead made a batch of MNIST three times faster.
constexpr std::size_t samples_ahead = 4;
constexpr Index cache_line = 64;
/// Longer samples the hardware follows by itself.
constexpr Index longest_prefetch = 4096;

/// byte / scale, rounded once, for a run of bytes.
void divide(const std::uint8_t* bytes, Index n, Real scale, Real* values) {
  for (Index i = 0; i < n; ++i) values[i] = static_cast<Real>(bytes[i]) / scale;
}

#ifdef __FMA__
/// The same as a product with the reciprocal and the correction of its error, in three operations instead of a division's time.
Real corrected_quotient(Real x, Real scale, Real reciprocal) {
  const Real quotient = x * reciprocal;
  return std::fma(std::fma(-quotient, scale, x), reciprocal, quotient);
}

void multiply(const std::uint8_t* bytes, Index n, Real scale, Real* values) {
  const Real reciprocal = 1 / scale;
  for (Index i = 0; i < n; ++i) values[i] = corrected_quotient(static_cast<Real>(bytes[i]), scale, reciprocal);
}

/// Whether all 256 quotients are the division's, to the bit.
bool multiplies_exactly(Real scale) {
  for (int byte = 0; byte < 256; ++byte) {
    if (corrected_quotient(static_cast<Real>(byte), scale, 1 / scale) != static_cast<Real>(byte) / scale) return false;
  }
  return true;
}
#else
constexpr auto multiply = divide;
bool multiplies_exactly(Real) { return false; }
#endif

void gather_bytes(const Dataset& set, std::span<const std::int32_t> indices, Real* values) {
  const Index n = set.sample_shape.size();
  const Real scale = set.scale;
  const bool exact = indices.size() > 1 && multiplies_exactly(scale);
  // One line of each first: the addresses of all samples are then translated side by side, which made a batch another third faster.
  for (const std::int32_t index : indices) __builtin_prefetch(set.bytes.data() + index * n);
  for (std::size_t k = 0; k < indices.size(); ++k) {
    if (k + samples_ahead < indices.size()) {
      const std::uint8_t* later = set.bytes.data() + indices[k + samples_ahead] * n;
      for (Index i = 0; i < std::min(n, longest_prefetch); i += cache_line) __builtin_prefetch(later + i);
    }
    const std::uint8_t* sample = set.bytes.data() + indices[k] * n;
    exact ? multiply(sample, n, scale, values) : divide(sample, n, scale, values);
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
