#include <algorithm>
#include <cmath>

#include "emotrain/data/dataset.hpp"

namespace emotrain::data {
namespace {

/// Samples of a shuffled batch lie anywhere in memory: each is asked for some samples ahead, a cache line for each one that is converted,
/// so that the processor's few slots for lines under way never run out (asking for whole samples at once took a tenth longer).
constexpr std::size_t samples_ahead = 4;
constexpr Index cache_line = 64;

/// byte / scale, rounded once.
struct Division {
  Real scale;
  Real operator()(std::uint8_t byte) const { return static_cast<Real>(byte) / scale; }
};

#ifdef __FMA__
/// The same as a product with the reciprocal and the correction of its error, in three operations instead of a division's time.
struct Product {
  Real scale;
  Real reciprocal = 1 / scale;
  Real operator()(std::uint8_t byte) const {
    const Real x = static_cast<Real>(byte);
    const Real quotient = x * reciprocal;
    return std::fma(std::fma(-quotient, scale, x), reciprocal, quotient);
  }
};

/// Whether all 256 quotients are the division's, to the bit.
bool multiplies_exactly(Real scale) {
  struct Known {
    Real scale = 0;
    bool exact = false;
  };
  static thread_local Known known;
  if (known.scale == scale) return known.exact;
  known = {scale, true};
  for (int byte = 0; byte < 256; ++byte) {
    const auto value = static_cast<std::uint8_t>(byte);
    known.exact = known.exact && Product{scale}(value) == Division{scale}(value);
  }
  return known.exact;
}
#else
using Product = Division;
bool multiplies_exactly(Real) { return false; }
#endif

template <class Quotient>
void gather_bytes(const Dataset& set, std::span<const std::int32_t> indices, Quotient quotient, Real* values) {
  const Index n = set.sample_shape.size();
  const auto sample = [&](std::size_t k) { return set.bytes.data() + indices[k] * n; };
  for (std::size_t k = 0; k < std::min(samples_ahead, indices.size()); ++k) {
    for (Index i = 0; i < n; i += cache_line) __builtin_prefetch(sample(k) + i);
  }
  for (std::size_t k = 0; k < indices.size(); ++k) {
    const std::uint8_t* bytes = sample(k);
    const std::uint8_t* later = sample(std::min(k + samples_ahead, indices.size() - 1));
    Index i = 0;
    for (; i + cache_line <= n; i += cache_line) {
      __builtin_prefetch(later + i);
      for (Index line = i; line < i + cache_line; ++line) values[line] = quotient(bytes[line]);
    }
    __builtin_prefetch(later + i);
    for (; i < n; ++i) values[i] = quotient(bytes[i]);
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
  } else if (multiplies_exactly(set.scale)) {
    gather_bytes(set, indices, Product{set.scale}, values);
  } else {
    gather_bytes(set, indices, Division{set.scale}, values);
  }
  if (labels == nullptr || set.labels.empty()) return;
  for (const std::int32_t index : indices) *labels++ = set.labels[static_cast<std::size_t>(index)];
}

}  // namespace emotrain::data
