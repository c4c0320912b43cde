#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/optimizer.hpp"

namespace emotrain::optim {

/// p <- p (1 - lr wd); m <- b1 m + (1-b1) g; v <- b2 v + (1-b2) g^2; p <- p - lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps).
/// Source: torch.optim.AdamW, PyTorch 1.13. Deviations: t is the step of the run; the division by sqrt(1 - b2^t) is a multiplication.
struct AdamW {
  static constexpr std::string_view name = "adamw";
  static constexpr std::array<const char*, 2> slots{"exp_avg", "exp_avg_sq"};

  std::array<double, 2> betas;
  double eps;
  double weight_decay;

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, correction, eps, keep, step;
  };

  Scalars scalars(const StepContext& context, double drive) const {
    const auto t = static_cast<double>(context.step);
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .correction = Real(1 / std::sqrt(1 - std::pow(betas[1], t))),
            .eps = Real(eps),
            .keep = Real(1 - context.lr * weight_decay),
            .step = Real(context.lr * drive / (1 - std::pow(betas[0], t)))};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m, Real& v) {
    p = p * k.keep;
    m = k.b1 * m + k.one_minus_b1 * g;
    v = k.b2 * v + k.one_minus_b2 * g * g;
    return p - k.step * m / (std::sqrt(v) * k.correction + k.eps);
  }
};

}  // namespace emotrain::optim
