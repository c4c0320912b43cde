#pragma once
#include <cstdint>
#include <span>

#include "emotrain/core/random.hpp"

namespace emotrain::train {

/// Noise of an event, by its number in the run's list, counted from 0. `std` has the unit that its user names.
struct Noise {
  Index event = 0;
  double std = 0;
};

/// The `step` of random numbers for an event: no two events share any. `step` is a step's or a batch's number, below 2^40.
constexpr std::uint64_t event_step(Index event, Index step) {
  return static_cast<std::uint64_t>(event) << 40U | static_cast<std::uint64_t>(step);
}

/// values[i] += deviation * N(0, 1), drawn by (key, step). Takes its workspace from the pool.
void add_normal(const RandomKey& key, std::uint64_t step, std::span<Real> values, double deviation);

}  // namespace emotrain::train
