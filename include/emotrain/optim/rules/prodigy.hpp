#pragma once
#include <array>
#include <limits>
#include <string_view>
#include <vector>

#include "emotrain/optim/fields.hpp"
#include "emotrain/optim/rule.hpp"

/// Source: kozistr/pytorch_optimizer at 7a076d2f, pytorch_optimizer/optimizer/prodigy.py (after Mishchenko and Defazio, "Prodigy: An
/// Expeditiously Adaptive Parameter-Free Learner", 2023).
namespace emotrain::optim {

/// Adam with a learning rate of its own making, d, one for all parameters. With p0 the parameters at their first step and b3 = sqrt(b2)
/// unless given: l = d lr, with bias_correction times sqrt(1 - b2^t) / (1 - b1^t);
///
///     N <- b3 N + sum (d / d0) l <g, p0 - p>;   m <- b1 m + d (1-b1) g;   v <- b2 v + d^2 (1-b2) g^2;
///     s <- b3 s + (d / d0) (safeguard_warmup ? d : l) g;   D = sum |s|_1, and if D = 0 nothing more happens in this step;
///     h = d_coef N / D;   d' = max(d, h) if d = d0 else d;   d_max <- max(d_max, d', h);   d <- min(d_max, growth_rate d')
///     p <- p - wd (fixed_decay ? 1 : l) p;   p <- p - l drive m / (sqrt(v) + eps d)
///
/// with the old d in all but the last line's eps. Deviation: that version counts t twice a step under bias_correction; this follows the
/// author's code (and pytorch_optimizer from 3.11.0 on). t is the step of the run.
struct ProdigyNumbers {
  std::array<double, 2> betas{0.9, 0.999};
  std::optional<double> beta3;
  double d0 = 1e-6;
  double d_coef = 1;
  std::optional<double> growth_rate;
  double weight_decay = 0;
  bool fixed_decay = false;
  bool bias_correction = false;
  bool safeguard_warmup = false;
  double eps = 1e-8;
};

class Prodigy final : public Rule {
 public:
  explicit Prodigy(const ProdigyNumbers& numbers);

  std::string_view name() const override { return "prodigy"; }
  bool has_weight_decay() const override { return true; }
  void use_groups(std::span<const RuleGroup> groups) override;
  void attach(std::size_t index, const Tensor& parameter, std::size_t group, Index step) override;
  void begin_step(const StepNumbers& numbers) override;
  void prepare() override;
  double apply(std::size_t index, Index first, Index count, const Companions& with) const override;
  void state(std::vector<StateSlot>& out) const override;
  void numbers(std::vector<StateNumbers>& out) const override;
  void restore(const StateNumbers& numbers) override;

 private:
  struct Entry {
    Tensor parameter;
    std::size_t group = 0;
    Tensor s, p0, exp_avg, exp_avg_sq;
  };
  struct Tile {
    std::size_t entry;
    Index first, count;
    double numerator = 0, denominator = 0;
  };
  struct OfGroup {
    double lr_scale = 1;
    double weight_decay = 0;
    /// d lr of this step, corrected.
    double lr = 0;
    Real keep = 1;
  };

  void accumulate(Tile& tile) const;
  void estimate(Real denominator);

  ProdigyNumbers k_;
  std::vector<OfGroup> groups_{{}};
  std::vector<Entry> entries_;
  std::vector<Tile> tiles_;
  double d_, d_max_;
  Real numerator_ = 0;
  double b3_;
  double drive_ = 1;
  /// Whether the denominator of this step is above 0.
  bool moves_ = false;
};

struct ProdigyOptions : OptimizerOptions {
  ProdigyNumbers numbers;

  ProdigyOptions() { lr = 1; }
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Rule> rule() const override;
};

}  // namespace emotrain::optim
