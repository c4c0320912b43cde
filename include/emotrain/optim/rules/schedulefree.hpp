#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/fields.hpp"

namespace emotrain::optim {

/// The parameters in training are y; z starts as a copy of them. lr_t = lr min(1, t / warmup_steps); L <- max(L, lr_t), W <- W + w with
/// w = t^r L^weight_lr_power, c = w / W; v <- b2 v + (1-b2) g^2; u = g / (sqrt(v / (1 - b2^t) + 1e-15) + eps) + wd p;
/// p <- p + c (z - p); p <- p + lr_t d (b1 (1 - c) - 1) u; z <- z - lr_t d u. Evaluations use x = p + (1 - 1/b1) (z - p).
/// Source: kozistr/pytorch_optimizer at 7a076d2f, pytorch_optimizer/optimizer/schedulefree.py (after Defazio et al., "The Road Less
/// Scheduled", 2024).
struct ScheduleFreeAdamW {
  static constexpr std::string_view name = "schedulefree_adamw";
  static constexpr std::array<const char*, 2> slots{"z", "exp_avg_sq"};
  static constexpr double default_lr = 2.5e-3;

  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
  double r = 0;
  double weight_lr_power = 2;
  Index warmup_steps = 0;

  void fields(FieldVisitor& visitor) {
    visitor.field({"betas", "decay rates: of the interpolation, and of the second moment", {.above = 0, .below = 1}}, betas);
    visitor.field(eps_field, eps);
    visitor.field({"weight_decay", "decay of the weights, within the step", {.min = 0}}, weight_decay);
    visitor.field({"r", "power of the step in the averaging weights", {.min = 0}}, r);
    visitor.field({"weight_lr_power", "power of the learning rate in the averaging weights", {.min = 0}}, weight_lr_power);
    visitor.field({"warmup_steps", "steps over which the learning rate rises", {.min = 0, .max = 1e9}}, warmup_steps);
  }

  struct Scalars {
    Real b2, one_minus_b2, correction, eps, decay, c, p_step, z_step;
  };

  void begin(const Tensor& parameter, const std::array<Tensor, 2>& slots_of) const {
    std::ranges::copy(parameter.values(), slots_of[0].data());
  }

  Scalars scalars(const StepNumbers& t) {
    const auto step = static_cast<double>(t.step);
    const double lr = t.lr * (t.step < warmup_steps ? step / static_cast<double>(warmup_steps) : 1);
    lr_max_ = std::max(lr_max_, lr);
    const double weight = std::pow(step, r) * std::pow(lr_max_, weight_lr_power);
    weight_sum_ += weight;
    const double c = weight_sum_ == 0 ? 0 : weight / weight_sum_;
    return {.b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .correction = Real(1 - std::pow(betas[1], step)),
            .eps = Real(eps),
            .decay = Real(weight_decay),
            .c = Real(c),
            .p_step = Real(lr * t.drive * (betas[0] * (1 - c) - 1)),
            .z_step = Real(lr * t.drive)};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& z, Real& v) {
    v = k.b2 * v + k.one_minus_b2 * g * g;
    const Real u = g / (std::sqrt(v / k.correction + Real(1e-15)) + k.eps) + k.decay * p;
    p = p + k.c * (z - p);
    z = z - k.z_step * u;
    return p + k.p_step * u;
  }

  void evaluation_weights(const Tensor& parameter, const std::array<Tensor, 2>& slots_of, Real* out) const {
    const Real* p = parameter.data();
    const Real* z = slots_of[0].data();
    const Real weight = Real(1 - 1 / betas[0]);
    for (Index i = 0; i < parameter.size(); ++i) out[i] = p[i] + weight * (z[i] - p[i]);
  }

  std::vector<double> numbers() const { return {lr_max_, weight_sum_}; }
  void restore(std::span<const double> numbers_of) {
    lr_max_ = numbers_of[0];
    weight_sum_ = numbers_of[1];
  }

 private:
  double lr_max_ = -1;
  double weight_sum_ = 0;
};

}  // namespace emotrain::optim
