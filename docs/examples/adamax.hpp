#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"

namespace emotrain::optim {

/// m <- b1 m + (1-b1) g; u <- max(b2 u, |g| + eps); p <- p - lr d / (1 - b1^t) m / u.
/// Source: torch.optim.Adamax, PyTorch 1.13 (after Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2014, section 7.1).
/// Deviation: t is the step of the run.
struct Adamax {
  static constexpr std::string_view name = "adamax";
  static constexpr std::array<const char*, 2> slots{"exp_avg", "exp_inf"};
  static constexpr double default_lr = 2e-3;

  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;

  void fields(FieldVisitor& visitor) {
    visitor.field(betas_field, betas);
    visitor.field({"eps", "added to the size of the gradient", {.min = 0}}, eps);
  }

  struct Scalars {
    Real b1, one_minus_b1, b2, eps, step;
  };

  Scalars scalars(const StepNumbers& t) const {
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .eps = Real(eps),
            .step = Real(t.lr * t.drive / (1 - std::pow(betas[0], static_cast<double>(t.step))))};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m, Real& u) {
    m = k.b1 * m + k.one_minus_b1 * g;
    u = std::max(k.b2 * u, std::abs(g) + k.eps);
    return p - k.step * m / u;
  }
};

}  // namespace emotrain::optim
