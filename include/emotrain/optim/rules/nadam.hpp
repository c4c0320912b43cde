#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"

namespace emotrain::optim {

/// g <- g + wd p; mu = b1 (1 - 0.5 * 0.96^(t momentum_decay)), mu' the same of t + 1; M <- M mu; m <- b1 m + (1-b1) g;
/// v <- b2 v + (1-b2) g^2; den = sqrt(v / (1 - b2^t)) + eps;
/// p <- p - lr d (1 - mu) / (1 - M) g / den; p <- p - lr d mu' / (1 - M mu mu') m / den.
/// Source: torch.optim.NAdam, PyTorch 1.13 (after Dozat, "Incorporating Nesterov Momentum into Adam", 2016). PyTorch 2 has M mu' in the
/// last denominator, where 1.13, whose M has mu in it already, counts it twice. Deviation: t is the step of the run.
struct NAdam {
  static constexpr std::string_view name = "nadam";
  static constexpr std::array<const char*, 2> slots{"exp_avg", "exp_avg_sq"};
  static constexpr double default_lr = 2e-3;

  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum_decay = 4e-3;

  void fields(FieldVisitor& visitor) {
    visitor.field(betas_field, betas);
    visitor.field(eps_field, eps);
    visitor.field(l2_field, weight_decay);
    visitor.field({"momentum_decay", "how fast the momentum's schedule rises", {.min = 0}}, momentum_decay);
  }

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, correction, eps, l2, gradient_step, momentum_step;
  };

  Scalars scalars(const StepNumbers& t) {
    while (counted_ < t.step) product_ *= mu(++counted_);
    const double lr = t.lr * t.drive;
    const double next = mu(t.step + 1);
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .correction = Real(1 - std::pow(betas[1], static_cast<double>(t.step))),
            .eps = Real(eps),
            .l2 = Real(weight_decay),
            .gradient_step = Real(lr * (1 - mu(t.step)) / (1 - product_)),
            .momentum_step = Real(lr * next / (1 - product_ * mu(t.step) * next))};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m, Real& v) {
    g = g + k.l2 * p;
    m = k.b1 * m + k.one_minus_b1 * g;
    v = k.b2 * v + k.one_minus_b2 * g * g;
    const Real denominator = std::sqrt(v / k.correction) + k.eps;
    return p - k.gradient_step * g / denominator - k.momentum_step * m / denominator;
  }

 private:
  double mu(Index step) const { return betas[0] * (1 - 0.5 * std::pow(0.96, static_cast<double>(step) * momentum_decay)); }

  /// The product of mu over the steps 1 to counted_: a function of the step, kept so that it need not start over.
  Index counted_ = 0;
  double product_ = 1;
};

}  // namespace emotrain::optim
