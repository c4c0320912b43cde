#pragma once
#include <cstdint>
#include <vector>

#include "emotrain/core/real.hpp"

/// Counter-based random numbers: every value is a pure function of (seed, stream, step, index), so there is no state to save or to share.
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011), from Random123.
namespace emotrain {

/// Independent uses of one seed.
enum class Stream : std::uint32_t {
  init = 1,
  shuffle = 2,
  split = 3,
  dropout = 4,
  latent = 5,
  synthetic = 6,
  sample = 7,
  emotion = 8,
  bootstrap = 9,
  event = 10,
  test = 99
};

struct RandomKey {
  std::uint64_t seed = 0;
  Stream stream = Stream::test;
  /// Separates users within a stream: the number of a parameter, of a dropout layer, ...
  std::uint32_t substream = 0;
};

/// Uniform bits for (key, step, index).
std::uint32_t random_bits(const RandomKey& key, std::uint64_t step, std::uint64_t index);
/// out[i] uniform in [low, high), from 32 random bits each.
void fill_uniform(const RandomKey& key, std::uint64_t step, Real* out, Index n, double low, double high);
/// out[i] = mean + deviation * N(0, 1), by Box and Muller's transform.
void fill_normal(const RandomKey& key, std::uint64_t step, Real* out, Index n, double mean, double deviation);
/// Writes a uniformly drawn permutation of 0..n-1 (Fisher-Yates). Reuses the vector's memory.
void fill_permutation(const RandomKey& key, std::uint64_t step, Index n, std::vector<std::int32_t>& out);

}  // namespace emotrain
