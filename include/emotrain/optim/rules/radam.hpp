#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"

namespace emotrain::optim {

/// g <- g + wd p, or with decoupled_weight_decay p <- p (1 - lr wd); m <- b1 m + (1-b1) g; v <- b2 v + (1-b2) g^2;
/// rho' = 2 / (1 - b2) - 1; rho = rho' - 2 t b2^t / (1 - b2^t); rho > 5: r = sqrt((rho-4) (rho-2) rho' / ((rho'-4) (rho'-2) rho)),
/// p <- p - lr d r m / (1 - b1^t) sqrt(1 - b2^t) / (sqrt(v) + eps); else p <- p - lr d m / (1 - b1^t).
/// Source: torch.optim.RAdam, PyTorch 1.13 (after Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", 2019), and its
/// decoupled_weight_decay from PyTorch 2. Deviation: t is the step of the run.
struct RAdam {
  static constexpr std::string_view name = "radam";
  static constexpr std::array<const char*, 2> slots{"exp_avg", "exp_avg_sq"};
  static constexpr double default_lr = 1e-3;

  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
  bool decoupled_weight_decay = false;

  void fields(FieldVisitor& visitor) {
    visitor.field(betas_field, betas);
    visitor.field(eps_field, eps);
    visitor.field({"weight_decay", "L2 penalty, added to the gradient, or decoupled", {.min = 0}}, weight_decay);
    visitor.field({"decoupled_weight_decay", "decay the weights apart from the gradient"}, decoupled_weight_decay);
  }

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, eps, l2, keep, step;
    bool rectified;
  };

  Scalars scalars(const StepNumbers& t) const {
    const auto step = static_cast<double>(t.step);
    const double power = std::pow(betas[1], step);
    const double longest = 2 / (1 - betas[1]) - 1;
    const double rho = longest - 2 * step * power / (1 - power);
    const bool rectified = rho > 5;
    const double r = std::sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho)) * std::sqrt(1 - power);
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .eps = Real(eps),
            .l2 = Real(decoupled_weight_decay ? 0 : weight_decay),
            .keep = Real(decoupled_weight_decay ? 1 - t.lr * weight_decay : 1),
            .step = Real(t.lr * t.drive / (1 - std::pow(betas[0], step)) * (rectified ? r : 1)),
            .rectified = rectified};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m, Real& v) {
    g = g + k.l2 * p;
    p = p * k.keep;
    m = k.b1 * m + k.one_minus_b1 * g;
    v = k.b2 * v + k.one_minus_b2 * g * g;
    return p - k.step * (k.rectified ? m / (std::sqrt(v) + k.eps) : m);
  }
};

}  // namespace emotrain::optim
