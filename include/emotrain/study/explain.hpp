#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emotrain/study/run_record.hpp"

namespace emotrain::study {

/// What |scalar| counts as: calm up to `mild`, strong beyond `strong`, mild between. Those of the run's shadow; without one those of the
/// emotion's edition; where a shadow knows no mild emotion (v3.6) it begins where the drive's boost does. mild == strong: there is none.
struct EmotionZones {
  double mild = 0;
  double strong = 0;
};

/// Of a run whose optimizer has no emotion: 0 and 0.
EmotionZones zones_of(const train::RunConfig& config);

/// Whether scalars above 0 are tension (the loss rises above its own past), as in v1 to v3.0; in v3.6 they are relief.
bool rising_is_positive(const train::RunConfig& config);

/// For every step of a run at most three sentences: what the loss did; what the optimizer felt, and what that did to the weights and their
/// shadow; which step the rule then took, how far the weights came, and whether should_stop rose. They say what the record shows, for every
/// optimizer, edition and threshold; what the record does not tell (the first step of a branch lacks the one before) they leave out.
struct Sentences {
  /// Texts with slots: `The loss fell from {loss_before} to {loss}.`
  std::vector<std::string> templates;
  /// The template of each step.
  std::vector<std::uint16_t> of;
  /// What the slots that are no Key hold, by step; a slot named as a Key holds its series. Slots show values rounded to float32, with three
  /// significant digits (%.3g of C), or as "over 3.4e+38" beyond float32.
  std::vector<std::pair<std::string, std::vector<double>>> slots;

  /// Those of step number record.first_step + i. Braces that enclose no slot's name stay.
  std::string text(const StepSeries& record, std::size_t i) const;
};

Sentences explain(const RunRecord& run);

/// A value as slots show it.
std::string slot_text(double value);

}  // namespace emotrain::study
