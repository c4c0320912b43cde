#pragma once
#include <algorithm>

#include "emotrain/core/function_ref.hpp"
#include "emotrain/core/threads.hpp"
#include "optim/shadow.hpp"
#include "optim/sums.hpp"

/// The one pass over memory that an update makes. Parameters are cut into tiles, the tasks of the threads; a tile is worked off in blocks
/// that stay in the first-level cache while shadow, rule and distance take their turns, so each value crosses the memory bus once.
namespace emotrain::optim {

constexpr Index tile_size = 16 * 1024;
constexpr Index block_size = 128;

/// Waking the other threads costs more than working on fewer elements than this.
constexpr Index parallel_from = 64 * 1024;

inline void run_tasks(Index tasks, Index elements, FunctionRef<void(Index)> task) {
  if (elements >= parallel_from) return parallel_for(tasks, task);
  for (Index i = 0; i < tasks; ++i) task(i);
}

/// Runs Formula::update over n elements: p and the slots (read-only ones are const) change in place.
template <class Formula, class... Slot>
void update_elements(const typename Formula::Scalars& scalars, Real* __restrict p, const Real* __restrict g, Index n,
                     Slot* __restrict... slots) {
  const typename Formula::Scalars k = scalars;
  for (Index i = 0; i < n; ++i) p[i] = Formula::update(k, p[i], g[i], slots[i]...);
}

/// The elements [first, first + count) of a parameter: shadow, then `update(first, n)` for runs of them. Returns sum (p - shadow)^2.
template <class Update>
double apply_tile(Real* p, const ShadowStep& shadow, Index first, Index count, const Update& update) {
  if (shadow.action == ShadowStep::Action::none) {
    update(first, count);
    return 0;
  }
  double distance = 0;
  for (Index i = first; i < first + count; i += block_size) {
    const Index n = std::min(block_size, first + count - i);
    if (shadow.action == ShadowStep::Action::blend) blend_shadow(shadow.keep, shadow.ratio, p + i, shadow.shadow + i, n);
    if (shadow.action == ShadowStep::Action::begin) std::copy_n(p + i, n, shadow.shadow + i);
    update(i, n);
    distance += sum_of_squares(n, p + i, shadow.shadow + i);
  }
  return distance;
}

}  // namespace emotrain::optim
