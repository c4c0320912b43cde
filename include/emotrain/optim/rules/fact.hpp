#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/factored.hpp"
#include "emotrain/optim/fields.hpp"
#include "emotrain/optim/sign.hpp"

/// Source: EmoNavi, emofact.py of v1 to v3.0, and of v3.6, which takes the sign of the update. R and C: FactoredMoments.
namespace emotrain::optim {

/// Fewer than 2 axes: m <- b1 m + (1-b1) g; v <- b2 v + (1-b2) g^2; u = m / (sqrt(v) + eps); p <- p - lr wd p; p <- p - lr d u.
struct FactVector {
  static constexpr std::string_view name = "fact";
  static constexpr std::array<const char*, 2> slots{"exp_avg", "exp_avg_sq"};

  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.01;

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, eps, decay, step;
  };

  Scalars scalars(const StepNumbers& t) const {
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .eps = Real(eps),
            .decay = Real(t.lr * weight_decay),
            .step = Real(t.lr * t.drive)};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m, Real& v) {
    m = k.b1 * m + k.one_minus_b1 * g;
    v = k.b2 * v + k.one_minus_b2 * g * g;
    const Real u = m / (std::sqrt(v) + k.eps);
    p = p - k.decay * p;
    return p - k.step * u;
  }
};

/// 2 or more axes: u = g / (sqrt(R C) + eps); p <- p - lr wd p; p <- p - lr d u.
struct FactMatrix {
  struct Scalars {
    Real eps, decay, step, R;
  };
  static Scalars scalars(const FactVector::Scalars& k, double /*gradient_norm*/) { return {k.eps, k.decay, k.step, 0}; }

  static Real update(const Scalars& k, Real p, Real g, const Real& C) {
    const Real u = g / (std::sqrt(k.R * C) + k.eps);
    p = p - k.decay * p;
    return p - k.step * u;
  }
};

/// v3.6, fewer than 2 axes: v <- b1 v + (1-b2) g^2 (yes, b1); u = sign(g / (sqrt(v) + eps)).
struct FactSignVector : FactVector {
  static constexpr std::array<const char*, 1> slots{"exp_avg_sq"};

  static Real update(const Scalars& k, Real p, Real g, Real& v) {
    v = k.b1 * v + k.one_minus_b2 * g * g;
    const Real u = sign(g / (std::sqrt(v) + k.eps));
    p = p - k.decay * p;
    return p - k.step * u;
  }
};

/// v3.6, 2 or more axes: u = sign(g / (sqrt(R C) + eps)).
struct FactSignMatrix : FactMatrix {
  static Real update(const Scalars& k, Real p, Real g, const Real& C) {
    const Real u = sign(g / (std::sqrt(k.R * C) + k.eps));
    p = p - k.decay * p;
    return p - k.step * u;
  }
};

using Fact = FactoredRule<FactVector, FactMatrix>;
using FactSign = FactoredRule<FactSignVector, FactSignMatrix>;

/// EmoFact's rule by itself.
struct FactOptions : OptimizerOptions {
  FactVector formula;

  void fields(FieldVisitor& visitor) override {
    OptimizerOptions::fields(visitor);
    visitor.field(betas_field, formula.betas);
    visitor.field(eps_field, formula.eps);
    visitor.field(weight_decay_field, formula.weight_decay);
    part_fields(visitor);
  }
  std::unique_ptr<Rule> rule() const override { return std::make_unique<Fact>(formula); }
};

}  // namespace emotrain::optim
