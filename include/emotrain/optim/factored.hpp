#pragma once
#include <cmath>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "emotrain/optim/elementwise.hpp"

/// Rules that keep the second moments of a matrix as one average per row and one per column.
namespace emotrain::optim {

/// R <- b1 R + (1-b1) sqrt(mean of g^2 over all axes but the first, + eps); C <- b1 C + (1-b1) sqrt(mean of g^2 over the first axis, + eps)
/// for tensors of two or more axes, seen as matrices of shape[0] rows. One reading pass over the gradients.
/// Source: EmoNavi v1, emofact.py (after Adafactor: Shazeer and Stern, 2018). Note that beta1 averages R and C.
class FactoredMoments {
 public:
  struct Numbers {
    Real b1, one_minus_b1, eps;
  };

  void attach(std::size_t index, const Tensor& parameter);
  /// Whether a parameter is a matrix.
  bool has(std::size_t index) const { return index < place_.size() && place_[index] >= 0; }
  void follow(const Numbers& numbers);
  void state(std::vector<StateSlot>& out) const;

  Index columns(std::size_t index) const { return matrix(index).columns; }
  const Real* R(std::size_t index) const { return matrix(index).R.data(); }
  const Real* C(std::size_t index) const { return matrix(index).C.data(); }
  /// sum g^2 of this step.
  double squares(std::size_t index) const { return matrix(index).squares; }

 private:
  /// Cut into patches for the sums of g^2: bands of rows by strips of columns.
  struct Matrix {
    Tensor parameter;
    Index rows, columns;
    Index band_rows, strip_columns;
    Tensor R, C;
    /// [band][column] and [strip][row].
    std::vector<Real> column_sums;
    std::vector<double> row_sums;
    double squares = 0;
  };
  struct Patch {
    std::size_t matrix;
    Index band, strip;
  };

  const Matrix& matrix(std::size_t index) const { return matrices_[static_cast<std::size_t>(place_[index])]; }
  void sum_patch(const Patch& patch);
  static void average(const Numbers& numbers, Matrix& matrix);

  std::vector<Matrix> matrices_;
  std::vector<Patch> patches_;
  /// By parameter: its place in matrices_, or -1.
  std::vector<Index> place_;
  Index elements_ = 0;
};

/// Vector: an elementwise formula for tensors of fewer than two axes, whose Scalars hold b1, one_minus_b1 and eps. Matrix: a formula with
///
///     static Scalars scalars(const Vector::Scalars&, double gradient_norm);     // with a member R, which is set for each row
///     static Real update(const Scalars&, Real p, Real g, const Real& C);
template <class Vector, class Matrix>
class FactoredRule final : public Rule {
 public:
  explicit FactoredRule(const Vector& formula) : groups_(formula), vectors_(formula) {}

  std::string_view name() const override { return Vector::name; }
  bool has_weight_decay() const override { return true; }
  void use_groups(std::span<const RuleGroup> groups) override {
    groups_.use(groups);
    vectors_.use_groups(groups);
  }
  void attach(std::size_t index, const Tensor& parameter, std::size_t group, Index step) override {
    if (index >= entries_.size()) entries_.resize(index + 1);
    entries_[index] = {parameter, group};
    if (parameter.rank() < 2 || parameter.size() == 0) return vectors_.attach(index, parameter, group, step);
    moments_.attach(index, parameter);
  }
  void begin_step(const StepNumbers& numbers) override {
    groups_.begin_step(numbers);
    vectors_.begin_step(numbers);
  }
  void prepare() override {
    const typename Vector::Scalars& k = groups_.scalars(0);
    moments_.follow({k.b1, k.one_minus_b1, k.eps});
  }

  double apply(std::size_t index, Index first, Index count, const Companions& with) const override {
    if (!moments_.has(index)) return vectors_.apply(index, first, count, with);
    Real* const p = entries_[index].parameter.data();
    const Real* const g = entries_[index].parameter.grad().data();
    const Real* const R = moments_.R(index);
    const Real* const C = moments_.C(index);
    const Index columns = moments_.columns(index);
    auto k = Matrix::scalars(groups_.scalars(entries_[index].group), std::sqrt(moments_.squares(index)));
    return apply_tile(p, with, first, count, [&](Index at, Index n) {
      Index row = at / columns;
      Index column = at % columns;
      for (const Index end = at + n; at < end; ++row, column = 0) {
        const Index run = std::min(columns - column, end - at);
        k.R = R[row];
        update_elements<Matrix>(k, p + at, g + at, run, C + column);
        at += run;
      }
    });
  }

  void state(std::vector<StateSlot>& out) const override {
    moments_.state(out);
    vectors_.state(out);
  }

 private:
  struct Entry {
    Tensor parameter;
    std::size_t group = 0;
  };

  PerGroup<Vector> groups_;
  ElementwiseRule<Vector> vectors_;
  FactoredMoments moments_;
  std::vector<Entry> entries_;
};

}  // namespace emotrain::optim
