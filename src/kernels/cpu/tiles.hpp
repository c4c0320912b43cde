#pragma once
#include <algorithm>

#include "emotrain/core/real.hpp"
#include "emotrain/core/threads.hpp"

namespace emotrain::kernels {

/// Elements a task should have at least, so that handing it to a thread pays.
inline constexpr Index tile = 32 * 1024;

/// Calls f(first, last) for pieces of [0, n) that hold `grain` items (the last one less), on any thread.
template <class F>
void for_tiles(Index n, Index grain, F&& f) {
  if (n <= grain) {
    if (n > 0) f(Index{0}, n);
    return;
  }
  parallel_for((n + grain - 1) / grain, [&](Index i) { f(i * grain, std::min(n, (i + 1) * grain)); });
}

/// How many items of `size` elements make a tile.
inline Index items_per_tile(Index size) { return std::max<Index>(1, tile / std::max<Index>(1, size)); }

}  // namespace emotrain::kernels
