#pragma once
#include <array>
#include <string_view>

#include "emotrain/core/error.hpp"
#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"

/// torch.optim.SGD, PyTorch 1.13.
namespace emotrain::optim {

/// g <- g + wd p; p <- p - lr g.
struct Sgd {
  static constexpr std::string_view name = "sgd";
  static constexpr std::array<const char*, 0> slots{};

  double weight_decay;

  struct Scalars {
    Real decay, step;
  };

  Scalars scalars(const StepNumbers& t) const { return {.decay = Real(weight_decay), .step = Real(t.lr * t.drive)}; }

  static Real update(const Scalars& k, Real p, Real g) {
    g = g + k.decay * p;
    return p - k.step * g;
  }
};

/// g <- g + wd p; b <- mu b + (1 - dampening) g, at the first update b <- g; g <- g + mu b (nesterov) or b; p <- p - lr g.
struct SgdMomentum {
  static constexpr std::string_view name = "sgd";
  static constexpr std::array<const char*, 1> slots{"momentum_buffer"};

  double momentum;
  double dampening;
  double weight_decay;
  bool nesterov;

  struct Scalars {
    Real mu, inflow, decay, step;
    bool nesterov;
  };

  Scalars scalars(const StepNumbers& t) const {
    return {.mu = Real(momentum),
            .inflow = Real(1 - dampening),
            .decay = Real(weight_decay),
            .step = Real(t.lr * t.drive),
            .nesterov = nesterov};
  }

  static Scalars first_update(Scalars k) {
    k.inflow = 1;
    return k;
  }

  static Real update(const Scalars& k, Real p, Real g, Real& b) {
    g = g + k.decay * p;
    b = k.mu * b + k.inflow * g;
    g = k.nesterov ? g + k.mu * b : b;
    return p - k.step * g;
  }
};

struct SgdOptions : OptimizerOptions {
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;

  void fields(FieldVisitor& visitor) override {
    OptimizerOptions::fields(visitor);
    visitor.field({"momentum", "part of the last step that is kept", {.min = 0}}, momentum);
    visitor.field({"dampening", "part of the gradient that does not enter the momentum"}, dampening);
    visitor.field(l2_field, weight_decay);
    visitor.field({"nesterov", "look ahead by the momentum"}, nesterov);
    part_fields(visitor);
  }
  void check() const override {
    OptimizerOptions::check();
    if (nesterov && (momentum == 0 || dampening != 0)) {
      fail(ErrorKind::usage, "nesterov: needs momentum > 0 and dampening 0, here {} and {}; change them or leave nesterov out", momentum,
           dampening);
    }
  }
  std::unique_ptr<Rule> rule() const override {
    if (momentum == 0) return elementwise(Sgd{weight_decay});
    return elementwise(SgdMomentum{momentum, dampening, weight_decay, nesterov});
  }
};

}  // namespace emotrain::optim
