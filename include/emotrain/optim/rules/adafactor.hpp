#pragma once
#include <array>
#include <limits>
#include <string_view>
#include <vector>

#include "emotrain/optim/fields.hpp"
#include "emotrain/optim/rule.hpp"

/// Source: torch.optim.Adafactor, PyTorch 2.11 (after Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost",
/// 2018).
namespace emotrain::optim {

struct AdafactorNumbers {
  double beta2_decay = -0.8;
  std::array<double, 2> eps{std::numeric_limits<Real>::epsilon(), 1e-3};
  double d = 1;
  double weight_decay = 0;
};

/// w = t^beta2_decay; a = max(eps[1], |p|_2 / sqrt(n)) min(lr, 1 / sqrt(t)); p <- p (1 - lr wd); with two or more axes, the last two being
/// a matrix and those before them counting matrices: R <- R + w (row means of g^2 - R), C <- C + w (column means of g^2 - C), V = R C /
/// max(mean of R, eps[0]); with fewer: V <- V + w (g^2 - V). u = g / sqrt(max(V, eps[0]^2)); p <- p - a drive / max(1, |u|_2 / (d sqrt(n)))
/// u. n is the number of elements; |p|_2 is taken before decay, and before a shadow's blend.
/// One reading pass before the update: R of a row is known when the row has been read, and |u|^2 is the sum over columns of
/// (sum of g^2 / R) mean(R) / C. Only where some V would be below eps[0]^2 (a row of zeros, say) a second one sums u^2 itself.
/// Deviations: t is the step of the run; eps[0]^2 is at least the smallest normal Real.
class Adafactor final : public Rule {
 public:
  explicit Adafactor(const AdafactorNumbers& numbers) : k_(numbers) {}

  std::string_view name() const override { return "adafactor"; }
  bool has_weight_decay() const override { return true; }
  void use_groups(std::span<const RuleGroup> groups) override { groups_.assign(groups.begin(), groups.end()); }
  void attach(std::size_t index, const Tensor& parameter, std::size_t group, Index step) override;
  void begin_step(const StepNumbers& numbers) override { now_ = numbers; }
  void prepare() override;
  double apply(std::size_t index, Index first, Index count, const Companions& with) const override;
  void state(std::vector<StateSlot>& out) const override;

 private:
  /// `matrices` of rows x columns; without two axes, one of a single row, whose second moments are kept whole.
  struct Entry {
    Tensor parameter;
    std::size_t group = 0;
    bool factored = false;
    Index matrices = 1, rows = 1, columns = 1;
    Tensor R, C, V;
    /// By matrix: 1 / max(mean of R, eps[0]).
    std::vector<Real> scale;
    /// Matrices are cut into bands of so many rows; [band][column]: sums of g^2, and of g^2 / R.
    Index band_rows = 1;
    std::vector<Real> column_sums, column_ratios;
    /// |u|^2 of a matrix, unless some second moment is `clamped` to eps[0]^2.
    double u_squares = 0;
    bool clamped = false;
    Real keep = 1, step = 0;
  };
  /// Rows [first, last) of all matrices, one under the other: a band, or a number of whole matrices.
  struct Task {
    std::size_t entry;
    Index first, last;
    double p_squares = 0, u_squares = 0;
  };

  void attach_matrices(Entry& entry);
  /// Moves the averages of a task's rows, and sums up its columns.
  void follow(Task& task);
  void average_columns(Entry& entry) const;
  void measure(Task& task) const;
  void decide();

  AdafactorNumbers k_;
  std::vector<RuleGroup> groups_{{}};
  std::vector<Entry> entries_;
  std::vector<Task> tasks_;
  StepNumbers now_;
  Index elements_ = 0;
  Real inflow_ = 1;
};

struct AdafactorOptions : OptimizerOptions {
  AdafactorNumbers numbers;

  AdafactorOptions() { lr = 1e-2; }
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Rule> rule() const override;
};

}  // namespace emotrain::optim
