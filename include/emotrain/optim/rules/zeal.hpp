#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/rules/fact.hpp"

/// Source: EmoNavi v1, emozeal.py.
namespace emotrain::optim {

/// What Zeal and Neco do by the emotion's scalar s: tension where tension[0] < s <= tension[1], relief where s < -relief.
enum class Zone { calm, tension, relief };

struct Zones {
  std::array<double, 2> tension{0.3, 0.5};
  double relief = 0.3;

  Zone of(double scalar) const {
    if (scalar > tension[0] && scalar <= tension[1]) return Zone::tension;
    return scalar < -relief ? Zone::relief : Zone::calm;
  }
};

/// Fewer than 2 axes: as Fact.
struct ZealVector : FactVector {
  static constexpr std::string_view name = "zeal";

  Zones zones;

  struct Scalars : FactVector::Scalars {
    Zone zone;
  };
  Scalars scalars(const StepNumbers& t) const { return {FactVector::scalars(t), zones.of(t.scalar)}; }
};

/// 2 or more axes: b = (1-b1) g (the reference never writes its momentum buffer here); tension: p <- p - lr softsign(b) (|g|_2 + eps);
/// relief: p <- p - lr sign(b) [sign(b) = sign(g)]; else p <- p - lr softsign(b). Then Fact's u, p <- p - lr wd p, p <- p - lr u.
struct ZealMatrix {
  struct Scalars : FactMatrix::Scalars {
    Zone zone;
    Real one_minus_b1, soft_step;
  };
  static Scalars scalars(const ZealVector::Scalars& k, double gradient_norm) {
    const Real length = k.zone == Zone::tension ? Real(gradient_norm) + k.eps : Real(1);
    return {FactMatrix::scalars(k, gradient_norm), k.zone, k.one_minus_b1, k.step * length};
  }

  static Real update(const Scalars& k, Real p, Real g, const Real& C) {
    const Real b = k.one_minus_b1 * g;
    p = k.zone == Zone::relief ? p - k.step * agreed_sign(b, g) : p - k.soft_step * softsign(b);
    return FactMatrix::update(k, p, g, C);
  }
};

using Zeal = FactoredRule<ZealVector, ZealMatrix>;

}  // namespace emotrain::optim
