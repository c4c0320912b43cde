#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/optimizer.hpp"

namespace emotrain::optim {

/// m <- b1 m + (1-b1) g; v <- b2 v + (1-b2) g^2; p <- p - lr wd p; p <- p - lr d m / (sqrt(v) + eps).
/// Source: EmoNavi v1, emonavi.py (adam without bias correction).
struct Navi {
  static constexpr std::string_view name = "navi";
  static constexpr std::array<const char*, 2> slots{"exp_avg", "exp_avg_sq"};

  std::array<double, 2> betas;
  double eps;
  double weight_decay;

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, eps, decay, step;
  };

  Scalars scalars(const StepContext& context, double drive) const {
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .eps = Real(eps),
            .decay = Real(context.lr * weight_decay),
            .step = Real(context.lr * drive)};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m, Real& v) {
    m = k.b1 * m + k.one_minus_b1 * g;
    v = k.b2 * v + k.one_minus_b2 * g * g;
    p = p - k.decay * p;
    return p - k.step * m / (std::sqrt(v) + k.eps);
  }
};

}  // namespace emotrain::optim
