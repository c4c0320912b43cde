#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"

/// Source: torch.optim.Adam and AdamW, PyTorch 1.13. Deviations: t is the step of the run; the division by sqrt(1 - b2^t) is a
/// multiplication.
namespace emotrain::optim {

/// adamw: p <- p (1 - lr wd); adam: g <- g + wd p. Then m <- b1 m + (1-b1) g; v <- b2 v + (1-b2) g^2;
/// p <- p - lr d / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps). With amsgrad vmax <- max(vmax, v) takes v's place in the denominator.
/// Without bias_correction, a control of ours, both corrections are 1.
template <bool decoupled, bool amsgrad>
struct Adam {
  static constexpr std::string_view name = decoupled ? "adamw" : "adam";
  static constexpr auto slots = [] {
    if constexpr (amsgrad) {
      return std::array<const char*, 3>{"exp_avg", "exp_avg_sq", "max_exp_avg_sq"};
    } else {
      return std::array<const char*, 2>{"exp_avg", "exp_avg_sq"};
    }
  }();

  std::array<double, 2> betas;
  double eps;
  double weight_decay;
  bool bias_correction = true;

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, correction, eps, decay, step;
  };

  Scalars scalars(const StepNumbers& t) const {
    const auto bias = [&](double beta) { return bias_correction ? 1 - std::pow(beta, static_cast<double>(t.step)) : 1; };
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .correction = Real(1 / std::sqrt(bias(betas[1]))),
            .eps = Real(eps),
            .decay = Real(decoupled ? 1 - t.lr * weight_decay : weight_decay),
            .step = Real(t.lr * t.drive / bias(betas[0]))};
  }

  template <class... Greatest>
  static Real update(const Scalars& k, Real p, Real g, Real& m, Real& v, Greatest&... vmax) {
    if constexpr (decoupled) {
      p = p * k.decay;
    } else {
      g = g + k.decay * p;
    }
    m = k.b1 * m + k.one_minus_b1 * g;
    v = k.b2 * v + k.one_minus_b2 * g * g;
    Real denominator = v;
    ((denominator = vmax = std::max(vmax, v)), ...);
    return p - k.step * m / (std::sqrt(denominator) * k.correction + k.eps);
  }
};

template <bool decoupled>
struct AdamOptions : OptimizerOptions {
  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = decoupled ? 0.01 : 0;
  bool amsgrad = false;
  bool bias_correction = true;

  void fields(FieldVisitor& visitor) override {
    OptimizerOptions::fields(visitor);
    visitor.field(betas_field, betas);
    visitor.field(eps_field, eps);
    visitor.field(decoupled ? weight_decay_field : l2_field, weight_decay);
    visitor.field({"amsgrad", "divide by the greatest second moment so far"}, amsgrad);
    visitor.field({"bias_correction", "correct the averages' bias towards their start; false: a control, not in PyTorch"}, bias_correction);
    part_fields(visitor);
  }
  std::unique_ptr<Rule> rule() const override {
    if (amsgrad) return elementwise(Adam<decoupled, true>{betas, eps, weight_decay, bias_correction});
    return elementwise(Adam<decoupled, false>{betas, eps, weight_decay, bias_correction});
  }
};

using AdamWOptions = AdamOptions<true>;

}  // namespace emotrain::optim
