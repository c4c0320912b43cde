#pragma once
#include <array>
#include <string_view>

#include "emotrain/optim/rules/lion.hpp"

namespace emotrain::optim {

/// Decay; m <- b m + (1-b) g; p <- p - lr d sign(m).
/// Source: kozistr/pytorch_optimizer at 7a076d2f, pytorch_optimizer/optimizer/tiger.py (after Su, "Tiger: A Tight-fisted Optimizer", 2023).
struct Tiger : KozistrDecay {
  static constexpr std::string_view name = "tiger";
  static constexpr std::array<const char*, 1> slots{"exp_avg"};
  static constexpr double default_lr = 1e-3;

  double beta = 0.965;

  Tiger() { weight_decay = 0.01; }
  void fields(FieldVisitor& visitor) {
    visitor.field({"beta", "decay rate of the moving average", beta_range}, beta);
    KozistrDecay::fields(visitor);
  }

  struct Scalars {
    Real b, one_minus_b, keep, l2, step;
  };

  Scalars scalars(const StepNumbers& t) const { return {Real(beta), Real(1 - beta), Real(keep(t.lr)), Real(l2()), Real(t.lr * t.drive)}; }

  static Real update(const Scalars& k, Real p, Real g, Real& m) {
    g = g + k.l2 * p;
    p = p * k.keep;
    m = k.b * m + k.one_minus_b * g;
    return p - k.step * sign(m);
  }
};

}  // namespace emotrain::optim
