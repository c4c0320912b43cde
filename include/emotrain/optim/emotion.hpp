#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emotrain/core/options.hpp"

/// How the Emo optimizers read the loss: from its moving averages to one scalar. Knows no tensors; IEEE doubles throughout, in the order
/// that the formulas show. Source: https://github.com/muooon/EmoNavi (Apache-2.0), editions v1 (July 2025), v2 (2025-08-15), v3.0
/// (2025-08-25) and v3.6 (2025-12-20).
namespace emotrain::optim {

/// The emotion as an edition defines it, each of its numbers open to change.
///
///     x = loss_scale loss + loss_offset                       (source "off": 0)
///     short <- short_rate x + (1 - short_rate) short, likewise medium and long; each starts at the first x
///     absolute:  s = tanh(gain (short - long)), so s > 0 while the loss rises above its own past (tension), s < 0 while it falls (relief)
///     relative:  Dl = (long - short) / max(long, floor), Dm = (long - short) / max(medium, floor);
///                s = tanh(Dm) if |Dl| >= near and |Dm| max(medium, floor) < |Dl| max(long, floor), else tanh(Dl): the opposite sign
///     drive:     none: 1.  calm: 1 - |s|.  trust, with t = copysign(1 - |s|, s): boost |t| (1 + slope t) where boost_above < |s| <
///     boost_below;
///                1 - |s| where |s| > brake_above; else 1
///
/// The other sources replace s by scalars of a recorded run: "random" draws each step's from all of them with replacement (the same
/// distribution, no information), "shuffled" uses each once, in another order (then all again in yet another).
struct EmotionOptions : Options {
  EmotionOptions() { use_edition("v1"); }

  std::string edition;
  std::string source = "loss";
  /// Whose scalars "random" and "shuffled" use: a metrics.jsonl.
  std::optional<std::string> record;
  double loss_scale = 1;
  double loss_offset = 0;

  double short_rate = 0.3;
  double medium_rate = 0.05;
  double long_rate = 0.01;
  std::string scalar;
  double gain = 5;
  double floor = 1e-5;
  double near = 0.05;

  std::string drive;
  double boost = 8;
  double slope = 0.1;
  double boost_above = 0.25;
  double boost_below = 0.5;
  double brake_above = 0.75;

  /// should_stop is raised, and stays, when the last stop_window values have mean |x| < stop_mean and population variance < stop_variance.
  /// "per_step": one value a step. "per_tensor": one for each parameter tensor with a gradient, as the reference does in v1 to v3.0 but for
  /// Clan: a model of 16 tensors "has been quiet for 32 steps" after 2.
  std::string stop_history = "per_step";
  /// The value: "scalar", or "long": tanh(Dl), as in EmoNavi v3.6.
  std::string stop_value = "scalar";
  Index stop_window = 32;
  double stop_mean = 0.05;
  double stop_variance = 0.005;

  /// False where the optimizer that these options belong to lists stop_history itself.
  bool lists_stop_history = true;

  /// Takes on the name and the defaults of an edition: v1, v2, v3.0, v3.6. Throws Error{usage}.
  void use_edition(std::string_view name);
  void fields(FieldVisitor& visitor) override;
  void check() const override;

 private:
  void check_use() const;
};

/// What an emotion carries from step to step: all that a resume needs.
struct EmotionState {
  /// Whether a loss has been seen; before that the averages mean nothing.
  bool started = false;
  double ema_short = 0;
  double ema_medium = 0;
  double ema_long = 0;
  /// The last values, a ring: value number n stands at n modulo its size.
  std::vector<double> window;
  /// How many values have entered the window so far.
  Index values = 0;
  /// Latched: once set it stays.
  bool should_stop = false;
};

/// The emotion of one step.
struct Feeling {
  double ema_short = 0;
  double ema_medium = 0;
  double ema_long = 0;
  /// In (-1, 1).
  double scalar = 0;
  /// How much of the shadow is blended into the parameters; 0 without a shadow.
  double ratio = 0;
  /// A factor on the gradient part of the step.
  double drive = 1;
  /// A flag for the trainer, not a stop.
  bool should_stop = false;
};

class Emotion {
 public:
  /// `recorded`: the scalars of a recorded run, for the sources that want them; `seed` decides their order.
  explicit Emotion(EmotionOptions options, std::vector<double> recorded = {}, std::uint64_t seed = 0);

  /// Takes in the loss of step number `step` (from 1), in which `tensors` parameters have a gradient.
  Feeling feel(double loss, Index step = 1, Index tensors = 1);

  const EmotionState& state() const noexcept { return state_; }
  void restore(EmotionState state) { state_ = std::move(state); }

 private:
  void follow(double x);
  double relative_scalar() const;
  double recorded_scalar(Index step);
  double drive(double scalar) const;
  void remember(double value, Index times);
  bool quiet() const;

  enum class Source { loss, off, random, shuffled };
  enum class Drive { none, calm, trust };

  EmotionOptions options_;
  Source source_;
  Drive drive_;
  bool relative_;
  std::vector<double> recorded_;
  std::uint64_t seed_;
  std::vector<std::int32_t> order_;
  Index order_of_ = -1;
  EmotionState state_;
};

/// The names of the editions, oldest first.
std::span<const char* const> edition_names();

}  // namespace emotrain::optim
