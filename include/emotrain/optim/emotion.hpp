#pragma once
#include <array>

#include "emotrain/core/real.hpp"

/// How the Emo optimizers read the loss: from its short and long moving averages to one scalar. Knows no tensors; IEEE doubles throughout.
/// Source: https://github.com/muooon/EmoNavi (Apache-2.0), edition v1 of July 2025.
namespace emotrain::optim {

/// What an emotion carries from step to step: all that a resume needs.
struct EmotionState {
  /// Whether a loss has been seen; before that the averages mean nothing.
  bool started = false;
  /// short <- 0.3 loss + 0.7 short, long <- 0.01 loss + 0.99 long; each starts at the first loss.
  double ema_short = 0;
  double ema_long = 0;
  /// The last values of the scalar, a ring: value number n stands at n modulo its size.
  std::array<double, 32> window{};
  /// How many values have entered the window so far.
  Index values = 0;
  /// Latched: once set it stays.
  bool should_stop = false;
};

/// The emotion of one step.
struct Feeling {
  double ema_short = 0;
  double ema_long = 0;
  /// In (-1, 1). Edition v1: > 0 while the loss rises above its own past (tension), < 0 while it falls (relief).
  double scalar = 0;
  /// How much of the shadow is blended into the parameters; 0 without a shadow.
  double ratio = 0;
  /// A factor on the gradient part of the step.
  double drive = 1;
  /// The scalar has been quiet: mean(|x|) < 0.05 and population variance < 0.005 over a full window. A flag for the trainer, not a stop.
  bool should_stop = false;
};

/// How an edition computes the scalar.
using ScalarFormula = double (*)(const EmotionState&);
/// Edition v1: tanh(5 (short - long)). Depends on the loss's absolute scale.
double scalar_v1(const EmotionState& state);

class Emotion {
 public:
  explicit Emotion(ScalarFormula scalar) : scalar_(scalar) {}

  /// Takes the loss of a step in. The scalar enters the window `values` times: once a step by default; the reference's v1 to v3.0 enter it
  /// once for every parameter tensor.
  Feeling feel(double loss, Index values = 1);

  const EmotionState& state() const noexcept { return state_; }
  void restore(const EmotionState& state) noexcept { state_ = state; }

 private:
  void remember(double scalar, Index times);
  bool quiet() const;

  ScalarFormula scalar_;
  EmotionState state_;
};

}  // namespace emotrain::optim
