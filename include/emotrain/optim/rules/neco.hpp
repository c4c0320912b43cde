#pragma once
#include <cmath>
#include <string_view>

#include "emotrain/optim/rules/lynx.hpp"
#include "emotrain/optim/rules/zeal.hpp"

/// Source: EmoNavi v1, emoneco.py.
namespace emotrain::optim {

/// Lynx's decay; b = (1-b1) g + b1 m; tension: p <- p - lr softsign(b) (|g|_2 + eps); relief: p <- p - lr softsign(b); else
/// p <- p - lr sign(b) [sign(b) = sign(g)]; then m <- b2 m + (1-b2) g.
/// Deviation: the reference raises NameError under tension, where its eps is undefined; the golden traces define it.
struct Neco : Lynx {
  static constexpr std::string_view name = "neco";

  double eps = 1e-8;
  Zones zones;

  struct Scalars : Lynx::Scalars {
    Zone zone;
    Real eps;
    /// lr, under tension times (|g|_2 + eps).
    Real soft_step;
  };
  Scalars scalars(const StepNumbers& t) const { return {Lynx::scalars(t), zones.of(t.scalar), Real(eps), Real(t.lr * t.drive)}; }

  static bool wants_gradient_norm(const Scalars& k) { return k.zone == Zone::tension; }
  static Scalars with_gradient_norm(Scalars k, double norm) {
    k.soft_step *= Real(norm) + k.eps;
    return k;
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m) {
    p = p * k.keep;
    const Real b = k.one_minus_b1 * g + k.b1 * m;
    p = k.zone == Zone::calm ? p - k.step * agreed_sign(b, g) : p - k.soft_step * softsign(b);
    m = k.b2 * m + k.one_minus_b2 * g;
    return p;
  }
};

}  // namespace emotrain::optim
