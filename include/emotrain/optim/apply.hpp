#pragma once
#include <algorithm>

#include "emotrain/core/function_ref.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/optim/shadow.hpp"
#include "emotrain/optim/sums.hpp"

/// The one pass over memory that an update makes. Parameters are cut into tiles, the tasks of the threads; a tile is worked off in blocks
/// that stay in the first-level cache while shadow, rule, companions and distance take their turns, so each value crosses the memory bus
/// once.
namespace emotrain::optim {

constexpr Index tile_size = 16 * 1024;
constexpr Index block_size = 256;

/// Waking the other threads costs more than working on fewer elements than this.
constexpr Index parallel_from = 64 * 1024;

inline void run_tasks(Index tasks, Index elements, FunctionRef<void(Index)> task) {
  if (elements >= parallel_from) return parallel_for(tasks, task);
  for (Index i = 0; i < tasks; ++i) task(i);
}

/// What accompanies the update of a parameter: its shadow before, slow weights and an average after it.
struct Companions {
  ShadowStep shadow;
  /// Lookahead, where this step synchronizes: slow <- slow + pull (p - slow); p <- slow.
  Real* slow = nullptr;
  Real pull = 0;
  /// average <- average + average_rate (p - average); a copy where the rate is 1.
  Real* average = nullptr;
  Real average_rate = 0;

  bool any() const { return shadow.action != ShadowStep::Action::none || slow != nullptr || average != nullptr; }
};

/// Runs Formula::update over n elements: p and the slots (read-only ones are const) change in place.
template <class Formula, class... Slot>
void update_elements(const typename Formula::Scalars& scalars, Real* __restrict p, const Real* __restrict g, Index n,
                     Slot* __restrict... slots) {
  const typename Formula::Scalars k = scalars;
  for (Index i = 0; i < n; ++i) p[i] = Formula::update(k, p[i], g[i], slots[i]...);
}

/// The same after move_shadow, element by element: every stream comes from memory at once.
template <class Formula, class... Slot>
void update_blended_elements(const typename Formula::Scalars& scalars, const ShadowStep& shadow_step, Real* __restrict p,
                             const Real* __restrict g, Real* __restrict shadow, Index n, Slot* __restrict... slots) {
  const typename Formula::Scalars k = scalars;
  const Real keep = shadow_step.keep;
  const Real ratio = shadow_step.ratio;
  const Real follow = shadow_step.follow;
  for (Index i = 0; i < n; ++i) {
    const Real blended = p[i] * keep + ratio * shadow[i];
    shadow[i] += follow * (blended - shadow[i]);
    p[i] = Formula::update(k, blended, g[i], slots[i]...);
  }
}

inline void synchronize_slow(Real pull, Real* __restrict p, Real* __restrict slow, Index n) {
  for (Index i = 0; i < n; ++i) p[i] = slow[i] += pull * (p[i] - slow[i]);
}

inline void follow_average(Real rate, const Real* __restrict p, Real* __restrict average, Index n) {
  if (rate == 1) {
    std::copy_n(p, n, average);
    return;
  }
  for (Index i = 0; i < n; ++i) average[i] += rate * (p[i] - average[i]);
}

/// The elements [first, first + count) of a parameter: shadow, `update(first, n)` for runs of them, companions. Returns sum (p - shadow)^2.
/// `update_blended(first, n)`, if given, does what move_shadow and update do.
template <class Update, class... UpdateBlended>
double apply_tile(Real* p, const Companions& with, Index first, Index count, const Update& update, const UpdateBlended&... update_blended) {
  if (!with.any()) {
    update(first, count);
    return 0;
  }
  const ShadowStep& shadow = with.shadow;
  const bool blends = shadow.action == ShadowStep::Action::move && shadow.ratio > 0 && shadow.follow > 0;
  double distance = 0;
  for (Index i = first; i < first + count; i += block_size) {
    const Index n = std::min(block_size, first + count - i);
    if (sizeof...(UpdateBlended) > 0 && blends) {
      (update_blended(i, n), ...);
    } else {
      if (shadow.action == ShadowStep::Action::move) move_shadow(shadow, p + i, shadow.shadow + i, n);
      if (shadow.action == ShadowStep::Action::begin) std::copy_n(p + i, n, shadow.shadow + i);
      update(i, n);
    }
    if (with.slow != nullptr) synchronize_slow(with.pull, p + i, with.slow + i, n);
    if (with.average != nullptr) follow_average(with.average_rate, p + i, with.average + i, n);
    if (shadow.action != ShadowStep::Action::none) distance += squared_distance(n, p + i, shadow.shadow + i);
  }
  return distance;
}

}  // namespace emotrain::optim
