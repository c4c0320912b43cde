#pragma once
#include <array>
#include <string_view>
#include <vector>

#include "emotrain/optim/elementwise.hpp"
#include "emotrain/optim/rules/adam.hpp"

/// Source: https://github.com/KellerJordan/Muon, muon.py at 00ba60d3, SingleDeviceMuonWithAuxAdam.
namespace emotrain::optim {

/// Orthogonalizes x (rows, columns) in place, about: x <- x / (|x|_F + 1e-7), then `steps` times A = x x^T, x <- a x + (b A + c A A) x with
/// a, b, c = 3.4445, -4.7750, 2.0315; all singular values end up between 0.7 and 1.2 or so. Where rows > columns x^T is iterated.
void newton_schulz(Real* x, Index rows, Index columns, Index steps);

/// Matrices: b <- b + (1 - mu) (g - b); u = g + mu (b - g) under nesterov, else b; u <- newton_schulz(u), as a matrix of shape[0] rows;
/// u <- u sqrt(max(1, the extent of the last axis but one over that of the last)); p <- p (1 - lr wd); p <- p - lr d u.
/// Everything else, and the matrices of groups with use_muon false: AdamW with the numbers of aux_adam; its learning rate follows the
/// scheduled one in proportion.
/// Deviations: the iteration runs in Real, the source's in bfloat16 (which moves parameters by some 1e-2 of a step); tensors of three axes
/// are matrices of shape[0] rows too. The scale looks at the last two axes of the unflattened tensor because the source does.
class Muon final : public Rule {
 public:
  struct Numbers {
    double momentum = 0.95;
    bool nesterov = true;
    Index ns_steps = 5;
    double weight_decay = 0;
    /// The AdamW part's learning rate over Muon's.
    double aux_lr_scale = 1;
  };
  Muon(const Numbers& numbers, const Adam<true, false>& aux) : k_(numbers), aux_(aux) {}

  std::string_view name() const override { return "muon"; }
  bool has_weight_decay() const override { return true; }
  void use_groups(std::span<const RuleGroup> groups) override;
  void attach(std::size_t index, const Tensor& parameter, std::size_t group, Index step) override;
  void begin_step(const StepNumbers& numbers) override;
  void prepare() override;
  double apply(std::size_t index, Index first, Index count, const Companions& with) const override;
  void state(std::vector<StateSlot>& out) const override;

 private:
  struct Entry {
    Tensor parameter;
    std::size_t group = 0;
    Tensor momentum_buffer;
    /// Of this step.
    Tensor update;
    Real scale = 1;
  };

  Numbers k_;
  ElementwiseRule<Adam<true, false>> aux_;
  std::vector<RuleGroup> groups_{{}};
  std::vector<Entry> entries_;
  StepNumbers now_;
};

struct AuxAdamOptions : Options {
  double lr = 3e-4;
  std::array<double, 2> betas{0.9, 0.95};
  double eps = 1e-10;
  double weight_decay = 0;

  void fields(FieldVisitor& visitor) override;
};

struct MuonOptions : OptimizerOptions {
  double momentum = 0.95;
  bool nesterov = true;
  Index ns_steps = 5;
  double weight_decay = 0;
  AuxAdamOptions aux_adam;

  MuonOptions() { lr = 0.02; }
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Rule> rule() const override;
};

}  // namespace emotrain::optim
