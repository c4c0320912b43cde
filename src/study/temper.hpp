#pragma once
#include <cmath>
#include <optional>
#include <string>

#include "emotrain/optim/emo.hpp"
#include "emotrain/study/explain.hpp"

namespace emotrain::study {

/// How a run's optimizer takes the loss, read off its options.
struct Temper {
  explicit Temper(const train::RunConfig& config);

  bool feels() const { return emotion.has_value(); }
  /// Whether the scalar is that of the loss.
  bool feels_loss() const { return emotion && emotion->source == "loss"; }
  /// Whether the recorded averages are of the loss as it is.
  bool averages_loss() const { return emotion && emotion->source != "off" && emotion->loss_scale == 1 && emotion->loss_offset == 0; }
  /// What should_stop says when it rises, of an emotion: "the last 32 values of the scalar were quiet (...)".
  std::string why_stop() const;
  bool is_tension(double scalar) const { return rising_is_positive ? scalar > 0 : scalar < 0; }

  std::optional<optim::EmotionOptions> emotion;
  std::optional<optim::ShadowOptions> shadow;
  std::optional<optim::EmoClanOptions> clan;
  /// Of Zeal and Neco.
  std::optional<optim::Zones> rule_zones;
  EmotionZones zones;
  bool rising_is_positive = true;
  /// Where the rule is Navi: how many learning rates its first step is wide, (1 - b1) / sqrt(1 - b2), as m and v are not corrected.
  std::optional<double> first_navi_step;
};

}  // namespace emotrain::study
