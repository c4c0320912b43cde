#pragma once
#include <array>
#include <string_view>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"
#include "emotrain/optim/sign.hpp"

namespace emotrain::optim {

/// p <- p (1 - lr wd / decay_divisor); p <- p - lr d sign((1-b1) g + b1 m); m <- b2 m + (1-b2) g.
/// Source: EmoNavi v1, emolynx.py (after Lion: Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023).
struct Lynx {
  static constexpr std::string_view name = "lynx";
  static constexpr std::array<const char*, 1> slots{"exp_avg"};
  static constexpr double default_lr = 1e-3;

  std::array<double, 2> betas{0.9, 0.99};
  double weight_decay = 0.01;
  /// The configured learning rate, where the decay is decoupled from it.
  double decay_divisor = 1;

  void fields(FieldVisitor& visitor) {
    visitor.field(betas_field, betas);
    visitor.field(weight_decay_field, weight_decay);
  }

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, keep, step;
  };

  Scalars scalars(const StepNumbers& t) const {
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .keep = Real(1 - t.lr * (weight_decay / decay_divisor)),
            .step = Real(t.lr * t.drive)};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m) {
    p = p * k.keep;
    const Real u = sign(k.one_minus_b1 * g + k.b1 * m);
    m = k.b2 * m + k.one_minus_b2 * g;
    return p - k.step * u;
  }
};

}  // namespace emotrain::optim
