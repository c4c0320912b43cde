#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"

namespace emotrain::optim {

/// g <- g + wd p; s <- rho s + (1-rho) g^2; u = sqrt(a + eps) / sqrt(s + eps) g; a <- rho a + (1-rho) u^2; p <- p - lr d u.
/// Source: torch.optim.Adadelta, PyTorch 1.13 (after Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012).
struct Adadelta {
  static constexpr std::string_view name = "adadelta";
  static constexpr std::array<const char*, 2> slots{"square_avg", "acc_delta"};
  static constexpr double default_lr = 1;

  double rho = 0.9;
  double eps = 1e-6;
  double weight_decay = 0;

  void fields(FieldVisitor& visitor) {
    visitor.field({"rho", "decay rate of both averages", beta_range}, rho);
    visitor.field(eps_field, eps);
    visitor.field(l2_field, weight_decay);
  }

  struct Scalars {
    Real rho, one_minus_rho, eps, l2, step;
  };

  Scalars scalars(const StepNumbers& t) const { return {Real(rho), Real(1 - rho), Real(eps), Real(weight_decay), Real(t.lr * t.drive)}; }

  static Real update(const Scalars& k, Real p, Real g, Real& s, Real& a) {
    g = g + k.l2 * p;
    s = k.rho * s + k.one_minus_rho * g * g;
    const Real u = std::sqrt(a + k.eps) / std::sqrt(s + k.eps) * g;
    a = k.rho * a + k.one_minus_rho * u * u;
    return p - k.step * u;
  }
};

}  // namespace emotrain::optim
