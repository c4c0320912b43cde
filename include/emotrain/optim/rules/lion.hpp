#pragma once
#include <array>
#include <string_view>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"
#include "emotrain/optim/sign.hpp"

/// Source: kozistr/pytorch_optimizer at 7a076d2f, pytorch_optimizer/optimizer/{lion,tiger}.py.
namespace emotrain::optim {

/// How pytorch_optimizer decays: p <- p (1 - lr wd), with fixed_decay p <- p (1 - wd), without weight_decouple g <- g + wd p.
struct KozistrDecay {
  double weight_decay = 0;
  bool weight_decouple = true;
  bool fixed_decay = false;

  void fields(FieldVisitor& visitor) {
    visitor.field({"weight_decay", "decay of the weights, decoupled or as an L2 penalty", {.min = 0}}, weight_decay);
    visitor.field({"weight_decouple", "decay the weights apart from the gradient"}, weight_decouple);
    visitor.field({"fixed_decay", "decay by weight_decay itself rather than by lr times it"}, fixed_decay);
  }
  double keep(double lr) const { return weight_decouple ? 1 - weight_decay * (fixed_decay ? 1 : lr) : 1; }
  double l2() const { return weight_decouple ? 0 : weight_decay; }
};

/// Decay; p <- p - lr d sign(b1 m + (1-b1) g); m <- b2 m + (1-b2) g.
/// After Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023.
struct Lion : KozistrDecay {
  static constexpr std::string_view name = "lion";
  static constexpr std::array<const char*, 1> slots{"exp_avg"};
  static constexpr double default_lr = 1e-4;

  std::array<double, 2> betas{0.9, 0.99};

  void fields(FieldVisitor& visitor) {
    visitor.field(betas_field, betas);
    KozistrDecay::fields(visitor);
  }

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, keep, l2, step;
  };

  Scalars scalars(const StepNumbers& t) const {
    return {Real(betas[0]), Real(1 - betas[0]), Real(betas[1]), Real(1 - betas[1]), Real(keep(t.lr)), Real(l2()), Real(t.lr * t.drive)};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m) {
    g = g + k.l2 * p;
    p = p * k.keep;
    const Real u = sign(k.b1 * m + k.one_minus_b1 * g);
    m = k.b2 * m + k.one_minus_b2 * g;
    return p - k.step * u;
  }
};

}  // namespace emotrain::optim
