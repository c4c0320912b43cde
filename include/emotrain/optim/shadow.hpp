#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "emotrain/core/options.hpp"

/// The shadow: a slow copy of the parameters that is blended back in while the emotion is strong.
/// Source: https://github.com/muooon/EmoNavi (Apache-2.0), editions v1 to v3.6.
namespace emotrain::optim {

/// How much is blended, by the emotion's scalar s:
///
///     r = tension_base + tension_slope |s| where s > strong;  relief_base + relief_slope |s| where s < -strong;
///         mild_base + mild_slope |s| elsewhere where |s| > mild;  else 0
///
/// | edition  | s > strong         | s < -strong   | mild             |
/// | v1       | 0.7 + 0.2 s, 0.6   | 0.1           | 0.3 from 0.3 on  |
/// | v2, v3.0 | |s|, 0.6           | |s|           | |s| from 0.1 on  |
/// | v3.6     | 1 - |s|, 0.625     | 1 - |s|       | none             |
///
/// and what happens before a parameter's update. begin "first_blend" (v1 to v3.0): when r > 0, a parameter without a shadow gets one, a
/// copy, and nothing is blended in this step. "first_step" (v3.6): it has one from its first step. With a shadow: when r > 0, p <- p (1 -
/// r) + r shadow, then shadow <- shadow + follow_blend (p - shadow); when r = 0, shadow <- shadow + follow_quiet (1 - |s|) (p - shadow).
struct ShadowOptions : Options {
  ShadowOptions() { use_edition("v1"); }

  std::string edition;
  double strong = 0;
  double tension_base = 0;
  double tension_slope = 0;
  double relief_base = 0;
  double relief_slope = 0;
  double mild = 0;
  double mild_base = 0;
  double mild_slope = 0;
  std::string begin;
  double follow_blend = 0;
  double follow_quiet = 0;

  /// Takes on the name and the numbers of an edition. Throws Error{usage}.
  void use_edition(std::string_view name);
  double ratio(double scalar) const;
  /// The rate at which the shadow follows the parameters in a step of this scalar and ratio.
  double follow(double scalar, double ratio) const;
  void fields(FieldVisitor& visitor) override;
  void check() const override;
};

/// What a step does with the shadow of one parameter.
struct ShadowStep {
  enum class Action {
    none,   ///< there is no shadow
    begin,  ///< shadow <- p
    move,   ///< p <- p keep + ratio shadow if ratio > 0; then shadow <- shadow + follow (p - shadow) if follow > 0
  };
  Action action = Action::none;
  Real* shadow = nullptr;
  Real ratio = 0;
  /// 1 - ratio.
  Real keep = 1;
  Real follow = 0;
};

/// The first n elements of both.
inline void move_shadow(const ShadowStep& step, Real* __restrict p, Real* __restrict shadow, Index n) {
  const Real keep = step.keep;
  const Real ratio = step.ratio;
  const Real follow = step.follow;
  if (ratio > 0 && follow > 0) {
    for (Index i = 0; i < n; ++i) {
      p[i] = p[i] * keep + ratio * shadow[i];
      shadow[i] += follow * (p[i] - shadow[i]);
    }
  } else if (ratio > 0) {
    for (Index i = 0; i < n; ++i) p[i] = p[i] * keep + ratio * shadow[i];
  } else if (follow > 0) {
    for (Index i = 0; i < n; ++i) shadow[i] += follow * (p[i] - shadow[i]);
  }
}

}  // namespace emotrain::optim
