#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"

namespace emotrain::optim {

/// m <- b1 m + (1-b1) g; v <- b2 v + (1-b2) g^2; p <- p - lr wd p; p <- p - lr d m / (sqrt(v) + eps).
/// Source: EmoNavi v1, emonavi.py (adam without bias correction). emoclan.py, v2 and v3.0, writes the decay p <- p (1 - lr wd).
struct Navi {
  static constexpr std::string_view name = "navi";
  static constexpr std::array<const char*, 2> slots{"exp_avg", "exp_avg_sq"};
  static constexpr double default_lr = 1e-3;

  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.01;
  bool decay_as_factor = false;

  void fields(FieldVisitor& visitor) {
    visitor.field(betas_field, betas);
    visitor.field(eps_field, eps);
    visitor.field(weight_decay_field, weight_decay);
  }

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, eps, keep, decay, step;
  };

  Scalars scalars(const StepNumbers& t) const {
    // keep p - decay p rounds as either way of writing it: 1 p and 0 p are exact.
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .eps = Real(eps),
            .keep = decay_as_factor ? Real(1 - t.lr * weight_decay) : Real(1),
            .decay = decay_as_factor ? Real(0) : Real(t.lr * weight_decay),
            .step = Real(t.lr * t.drive)};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m, Real& v) {
    m = k.b1 * m + k.one_minus_b1 * g;
    v = k.b2 * v + k.one_minus_b2 * g * g;
    p = k.keep * p - k.decay * p;
    return p - k.step * m / (std::sqrt(v) + k.eps);
  }
};

}  // namespace emotrain::optim
