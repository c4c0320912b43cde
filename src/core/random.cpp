#include "emotrain/core/random.hpp"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "emotrain/core/threads.hpp"

namespace emotrain {
namespace {

using Philox = r123::Philox4x32;

/// Four words for the block `index / 4`. Stream and substream share a word of the counter with the upper half of the block number; the step
/// has two of its own.
Philox::ctr_type block(const RandomKey& key, std::uint64_t step, std::uint64_t number) {
  const auto stream = static_cast<std::uint32_t>(key.stream) << 24U ^ key.substream;
  const Philox::ctr_type counter{{static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32U) ^ stream,
                                  static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32U)}};
  const Philox::key_type seed{{static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32U)}};
  return Philox()(counter, seed);
}

/// The words of `blocks` blocks from number `first` on. The compiler vectorises this loop over blocks; the key comes by value, so that no
/// store can change it.
void fill_words(const RandomKey key, std::uint64_t step, std::uint64_t first, Index blocks, std::uint32_t* words) {
  for (Index b = 0; b < blocks; ++b) {
    const Philox::ctr_type four = block(key, step, first + static_cast<std::uint64_t>(b));
    for (std::size_t j = 0; j < 4; ++j) words[4 * static_cast<std::size_t>(b) + j] = four[j];
  }
}

/// Calls use(words, first, count) for pieces of [0, n): `words` holds the bits of the numbers first, first + 1, ..., and at least an even
/// number of them.
template <class Use>
void for_words(const RandomKey& key, std::uint64_t step, Index n, const Use& use) {
  constexpr Index piece = 1024;
  parallel_for((n + piece - 1) / piece, [&](Index task) {
    const Index first = task * piece;
    const Index count = std::min(piece, n - first);
    std::uint32_t words[piece];
    fill_words(key, step, static_cast<std::uint64_t>(first / 4), (count + 3) / 4, words);
    use(words, first, count);
  });
}

/// (0, 1): never 0, so that its logarithm is finite.
double open_unit(std::uint32_t bits) { return (bits + 0.5) * 0x1p-32; }

}  // namespace

std::uint32_t random_bits(const RandomKey& key, std::uint64_t step, std::uint64_t index) { return block(key, step, index / 4)[index % 4]; }

void fill_uniform(const RandomKey& key, std::uint64_t step, Real* out, Index n, double low, double high) {
  const Real below = std::nextafter(static_cast<Real>(high), static_cast<Real>(low));
  for_words(key, step, n, [&](const std::uint32_t* words, Index first, Index count) {
    for (Index i = 0; i < count; ++i) out[first + i] = std::min(static_cast<Real>(low + (high - low) * (words[i] * 0x1p-32)), below);
  });
}

void fill_normal(const RandomKey& key, std::uint64_t step, Real* out, Index n, double mean, double deviation) {
  for_words(key, step, n, [&](const std::uint32_t* words, Index first, Index count) {
    for (Index i = 0; i < count; i += 2) {
      const double radius = std::sqrt(-2 * std::log(open_unit(words[i])));
      const double angle = 2 * std::numbers::pi * open_unit(words[i + 1]);
      out[first + i] = static_cast<Real>(mean + deviation * (radius * std::cos(angle)));
      if (i + 1 < count) out[first + i + 1] = static_cast<Real>(mean + deviation * (radius * std::sin(angle)));
    }
  });
}

void fill_permutation(const RandomKey& key, std::uint64_t step, Index n, std::vector<std::int32_t>& out) {
  out.resize(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), 0);
  Philox::ctr_type words{};
  for (Index i = n - 1; i > 0; --i) {
    if (i % 4 == 3 || i == n - 1) words = block(key, step, static_cast<std::uint64_t>(i) / 4);
    // Multiply-shift instead of a remainder: the bias is below 2^-32 * n.
    const auto pick = (std::uint64_t{words[static_cast<std::size_t>(i % 4)]} * static_cast<std::uint64_t>(i + 1)) >> 32U;
    std::swap(out[static_cast<std::size_t>(i)], out[pick]);
  }
}

}  // namespace emotrain
