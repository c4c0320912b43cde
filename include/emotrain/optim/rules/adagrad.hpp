#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"

namespace emotrain::optim {

/// g <- g + wd p; s <- s + g^2, from initial_accumulator_value; p <- p - lr d / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps).
/// Source: torch.optim.Adagrad, PyTorch 1.13. Deviation: t is the step of the run.
struct Adagrad {
  static constexpr std::string_view name = "adagrad";
  static constexpr std::array<const char*, 1> slots{"sum"};
  static constexpr double default_lr = 1e-2;

  double lr_decay = 0;
  double weight_decay = 0;
  double initial_accumulator_value = 0;
  double eps = 1e-10;

  void fields(FieldVisitor& visitor) {
    visitor.field({"lr_decay", "how fast the learning rate falls by itself", {.min = 0}}, lr_decay);
    visitor.field(l2_field, weight_decay);
    visitor.field({"initial_accumulator_value", "what the sums of squares start at", {.min = 0}}, initial_accumulator_value);
    visitor.field(eps_field, eps);
  }

  struct Scalars {
    Real l2, eps, step;
  };

  void begin(const Tensor& /*parameter*/, const std::array<Tensor, 1>& slots_of) const {
    std::ranges::fill(slots_of[0].values(), Real(initial_accumulator_value));
  }
  Scalars scalars(const StepNumbers& t) const {
    return {Real(weight_decay), Real(eps), Real(t.lr * t.drive / (1 + static_cast<double>(t.step - 1) * lr_decay))};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& s) {
    g = g + k.l2 * p;
    s = s + g * g;
    return p - k.step * g / (std::sqrt(s) + k.eps);
  }
};

}  // namespace emotrain::optim
