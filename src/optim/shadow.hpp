#pragma once
#include <algorithm>

#include "emotrain/core/real.hpp"

/// The shadow of a parameter: a slow copy that is blended back in while the emotion is strong.
namespace emotrain::optim {

/// How much of the shadow a step blends in, by the emotion's scalar.
using RatioFormula = double (*)(double scalar);

inline double shadow_ratio_v1(double scalar) {
  if (scalar > 0.6) return 0.7 + 0.2 * scalar;
  if (scalar < -0.6) return 0.1;
  if (std::max(scalar, -scalar) > 0.3) return 0.3;
  return 0;
}

/// What a step does with the shadow of one parameter.
struct ShadowStep {
  enum class Action {
    none,   ///< there is no shadow
    begin,  ///< shadow <- p
    blend,  ///< p <- p (1 - r) + r shadow, then shadow <- shadow + 0.05 (p - shadow)
    watch,  ///< r = 0: only the distance is taken
  };
  Action action = Action::none;
  Real* shadow = nullptr;
  Real ratio = 0;
  /// 1 - ratio.
  Real keep = 1;
};

inline void blend_shadow(Real keep, Real ratio, Real* __restrict p, Real* __restrict shadow, Index n) {
  for (Index i = 0; i < n; ++i) {
    p[i] = p[i] * keep + ratio * shadow[i];
    shadow[i] += Real(0.05) * (p[i] - shadow[i]);
  }
}

}  // namespace emotrain::optim
