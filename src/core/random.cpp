#include "emotrain/core/random.hpp"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace emotrain {
namespace {

using Philox = r123::Philox4x32;

/// Four words for the block `index / 4`. Stream and substream share the counter's last word with the upper half of the step.
Philox::ctr_type block(const RandomKey& key, std::uint64_t step, std::uint64_t number) {
  const auto stream = static_cast<std::uint32_t>(key.stream) << 24U ^ key.substream;
  const Philox::ctr_type counter{{static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32U) ^ stream,
                                  static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32U)}};
  const Philox::key_type seed{{static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32U)}};
  return Philox()(counter, seed);
}

/// (0, 1): never 0, so that its logarithm is finite.
double open_unit(std::uint32_t bits) { return (bits + 0.5) * 0x1p-32; }

}  // namespace

std::uint32_t random_bits(const RandomKey& key, std::uint64_t step, std::uint64_t index) { return block(key, step, index / 4)[index % 4]; }

void fill_uniform(const RandomKey& key, std::uint64_t step, Real* out, Index n, double low, double high) {
  const Real below = std::nextafter(static_cast<Real>(high), static_cast<Real>(low));
  for (Index base = 0; base < n; base += 4) {
    const auto words = block(key, step, static_cast<std::uint64_t>(base) / 4);
    for (Index j = 0; j < std::min<Index>(4, n - base); ++j) {
      const auto value = static_cast<Real>(low + (high - low) * (words[static_cast<std::size_t>(j)] * 0x1p-32));
      out[base + j] = std::min(value, below);
    }
  }
}

void fill_normal(const RandomKey& key, std::uint64_t step, Real* out, Index n, double mean, double deviation) {
  for (Index base = 0; base < n; base += 4) {
    const auto words = block(key, step, static_cast<std::uint64_t>(base) / 4);
    double normal[4];
    for (std::size_t pair = 0; pair < 4; pair += 2) {
      const double radius = std::sqrt(-2 * std::log(open_unit(words[pair])));
      const double angle = 2 * std::numbers::pi * open_unit(words[pair + 1]);
      normal[pair] = radius * std::cos(angle);
      normal[pair + 1] = radius * std::sin(angle);
    }
    for (Index j = 0; j < std::min<Index>(4, n - base); ++j) out[base + j] = static_cast<Real>(mean + deviation * normal[j]);
  }
}

void fill_permutation(const RandomKey& key, std::uint64_t step, Index n, std::vector<std::int32_t>& out) {
  out.resize(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), 0);
  for (Index i = n - 1; i > 0; --i) {
    // Multiply-shift instead of a remainder: the bias is below 2^-32 * n.
    const auto pick = (std::uint64_t{random_bits(key, step, static_cast<std::uint64_t>(i))} * static_cast<std::uint64_t>(i + 1)) >> 32U;
    std::swap(out[static_cast<std::size_t>(i)], out[pick]);
  }
}

}  // namespace emotrain
