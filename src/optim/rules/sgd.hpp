#pragma once
#include <array>
#include <string_view>

#include "emotrain/optim/optimizer.hpp"

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

  Scalars scalars(const StepContext& context, double drive) const {
    return {.decay = Real(weight_decay), .step = Real(context.lr * drive)};
  }

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

  Scalars scalars(const StepContext& context, double drive) const {
    return {.mu = Real(momentum),
            .inflow = Real(1 - dampening),
            .decay = Real(weight_decay),
            .step = Real(context.lr * drive),
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

}  // namespace emotrain::optim
