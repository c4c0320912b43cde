#include "emotrain/optim/emotion.hpp"

#include <algorithm>
#include <cmath>

namespace emotrain::optim {

double scalar_v1(const EmotionState& state) { return std::tanh(5 * (state.ema_short - state.ema_long)); }

Feeling Emotion::feel(double loss, Index values) {
  if (!state_.started) {
    state_.ema_short = state_.ema_long = loss;
    state_.started = true;
  }
  state_.ema_short = 0.3 * loss + 0.7 * state_.ema_short;
  state_.ema_long = 0.01 * loss + 0.99 * state_.ema_long;
  const double scalar = scalar_(state_);
  remember(scalar, values);
  return {.ema_short = state_.ema_short, .ema_long = state_.ema_long, .scalar = scalar, .should_stop = state_.should_stop};
}

void Emotion::remember(double scalar, Index times) {
  const auto size = static_cast<Index>(state_.window.size());
  for (Index i = 0; i < std::min(times, size); ++i) {
    state_.window[static_cast<std::size_t>((state_.values + i) % size)] = scalar;
  }
  state_.values += times;
  state_.should_stop = state_.should_stop || (state_.values >= size && quiet());
}

bool Emotion::quiet() const {
  const auto size = static_cast<double>(state_.window.size());
  double sum = 0;
  double magnitude = 0;
  for (const double x : state_.window) {
    sum += x;
    magnitude += std::abs(x);
  }
  const double mean = sum / size;
  double squares = 0;
  for (const double x : state_.window) squares += (x - mean) * (x - mean);
  return magnitude / size < 0.05 && squares / size < 0.005;
}

}  // namespace emotrain::optim
