#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"

/// Source: torch.optim.RMSprop, PyTorch 1.13.
namespace emotrain::optim {

/// g <- g + wd p; s <- a s + (1-a) g^2; centered: h <- a h + (1-a) g, den = sqrt(s - h^2) + eps; else den = sqrt(s) + eps;
/// with momentum: b <- mu b + g / den, p <- p - lr d b; else p <- p - lr d g / den.
template <bool centered, bool has_momentum>
struct RmsProp {
  static constexpr std::string_view name = "rmsprop";
  static constexpr auto slots = [] {
    if constexpr (centered && has_momentum) {
      return std::array<const char*, 3>{"square_avg", "momentum_buffer", "grad_avg"};
    } else if constexpr (centered) {
      return std::array<const char*, 2>{"square_avg", "grad_avg"};
    } else if constexpr (has_momentum) {
      return std::array<const char*, 2>{"square_avg", "momentum_buffer"};
    } else {
      return std::array<const char*, 1>{"square_avg"};
    }
  }();

  double alpha;
  double eps;
  double weight_decay;
  double momentum;

  struct Scalars {
    Real a, one_minus_a, eps, l2, mu, step;
  };

  Scalars scalars(const StepNumbers& t) const {
    return {Real(alpha), Real(1 - alpha), Real(eps), Real(weight_decay), Real(momentum), Real(t.lr * t.drive)};
  }

  template <class... Slots>
  static Real update(const Scalars& k, Real p, Real g, Real& s, Slots&... rest) {
    g = g + k.l2 * p;
    s = k.a * s + k.one_minus_a * g * g;
    Real variance = s;
    if constexpr (centered) {
      Real& h = last(rest...);
      h = h + k.one_minus_a * (g - h);
      variance = s - h * h;
    }
    const Real u = g / (std::sqrt(variance) + k.eps);
    if constexpr (has_momentum) {
      Real& b = first(rest...);
      b = k.mu * b + u;
      return p - k.step * b;
    }
    return p - k.step * u;
  }

 private:
  template <class... Rest>
  static Real& first(Real& slot, Rest&... /*rest*/) {
    return slot;
  }
  static Real& last(Real& slot) { return slot; }
  static Real& last(Real& /*slot*/, Real& slot) { return slot; }
};

struct RmsPropOptions : OptimizerOptions {
  double alpha = 0.99;
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum = 0;
  bool centered = false;

  RmsPropOptions() { lr = 1e-2; }
  void fields(FieldVisitor& visitor) override {
    OptimizerOptions::fields(visitor);
    visitor.field({"alpha", "decay rate of the averages", beta_range}, alpha);
    visitor.field(eps_field, eps);
    visitor.field(l2_field, weight_decay);
    visitor.field({"momentum", "part of the last step that is kept", {.min = 0}}, momentum);
    visitor.field({"centered", "divide by the deviation rather than the root of the second moment"}, centered);
    part_fields(visitor);
  }
  std::unique_ptr<Rule> rule() const override {
    if (centered && momentum > 0) return make<true, true>();
    if (centered) return make<true, false>();
    return momentum > 0 ? make<false, true>() : make<false, false>();
  }

 private:
  template <bool is_centered, bool has_momentum>
  std::unique_ptr<Rule> make() const {
    return elementwise(RmsProp<is_centered, has_momentum>{alpha, eps, weight_decay, momentum});
  }
};

}  // namespace emotrain::optim
