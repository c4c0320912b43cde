#pragma once
#include <array>
#include <string_view>

#include "emotrain/optim/optimizer.hpp"

namespace emotrain::optim {

/// p <- p (1 - lr wd); p <- p - lr d sign((1-b1) g + b1 m); m <- b2 m + (1-b2) g.
/// Source: EmoNavi v1, emolynx.py (after Lion: Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023).
struct Lynx {
  static constexpr std::string_view name = "lynx";
  static constexpr std::array<const char*, 1> slots{"exp_avg"};

  std::array<double, 2> betas;
  /// Divided by the configured learning rate already, where the decay is decoupled.
  double weight_decay;

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, keep, step;
  };

  Scalars scalars(const StepContext& context, double drive) const {
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .keep = Real(1 - context.lr * weight_decay),
            .step = Real(context.lr * drive)};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m) {
    p = p * k.keep;
    const Real blended = k.one_minus_b1 * g + k.b1 * m;
    const Real sign = Real(blended > 0) - Real(blended < 0);
    m = k.b2 * m + k.one_minus_b2 * g;
    return p - k.step * sign;
  }
};

}  // namespace emotrain::optim
