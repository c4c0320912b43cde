#pragma once
#include <memory>
#include <utility>

#include "emotrain/optim/schedule.hpp"

namespace emotrain::optim {

/// Durations in steps: as many as a run may have.
inline constexpr Range duration_range{.min = 1, .max = 1e9};

/// A schedule that learns nothing: `curve(t)` is the learning rate of step t + 1.
template <class Curve>
class CurveSchedule final : public Schedule {
 public:
  explicit CurveSchedule(Curve curve) : curve_(std::move(curve)) {}
  double learning_rate(Index step) const override { return curve_(step - 1); }

 private:
  Curve curve_;
};

template <class Curve>
std::unique_ptr<Schedule> make_schedule(Curve curve) {
  return std::make_unique<CurveSchedule<Curve>>(std::move(curve));
}

}  // namespace emotrain::optim
