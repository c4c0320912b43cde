#include "study/temper.hpp"

#include <fmt/format.h>

#include "emotrain/optim/rules/navi.hpp"

namespace emotrain::study {
namespace {

EmotionZones emotion_zones(const optim::EmotionOptions& emotion, const optim::ShadowOptions* shadow) {
  optim::ShadowOptions of_edition;
  of_edition.use_edition(emotion.edition);
  const optim::ShadowOptions& thresholds = shadow != nullptr ? *shadow : of_edition;
  if (thresholds.mild < thresholds.strong) return {thresholds.mild, thresholds.strong};
  if (emotion.drive == "trust" && emotion.boost_above < thresholds.strong) return {emotion.boost_above, thresholds.strong};
  return {thresholds.strong, thresholds.strong};
}

}  // namespace

Temper::Temper(const train::RunConfig& config) {
  const auto& options = dynamic_cast<const optim::OptimizerOptions&>(*config.optimizer.options);
  emotion = options.emotion.value;
  shadow = options.shadow.value;
  if (emotion) {
    zones = emotion_zones(*emotion, shadow ? &*shadow : nullptr);
    rising_is_positive = emotion->scalar == "absolute";
  }
  std::optional<std::array<double, 2>> betas;
  if (const auto* is_clan = dynamic_cast<const optim::EmoClanOptions*>(&options)) {
    clan = *is_clan;
    betas = is_clan->betas;
  }
  if (const auto* zeal = dynamic_cast<const optim::EmoZealOptions*>(&options)) rule_zones = zeal->zones;
  if (const auto* neco = dynamic_cast<const optim::EmoNecoOptions*>(&options)) rule_zones = neco->zones;
  if (const auto* emonavi = dynamic_cast<const optim::EmoNaviOptions*>(&options)) betas = emonavi->betas;
  if (const auto* navi = dynamic_cast<const optim::Elementwise<optim::Navi>*>(&options)) betas = navi->formula.betas;
  if (betas) first_navi_step = (1 - (*betas)[0]) / std::sqrt(1 - (*betas)[1]);
}

std::string Temper::why_stop() const {
  return fmt::format("the last {} values of {}{} were quiet (mean size below {:.3g}, variance below {:.3g})", emotion->stop_window,
                     emotion->stop_value == "long" ? "the scalar by the long average" : "the scalar",
                     emotion->stop_history == "per_tensor" ? ", of which each step brings one for every tensor of weights," : "",
                     emotion->stop_mean, emotion->stop_variance);
}

EmotionZones zones_of(const train::RunConfig& config) { return Temper(config).zones; }
bool rising_is_positive(const train::RunConfig& config) { return Temper(config).rising_is_positive; }

}  // namespace emotrain::study
