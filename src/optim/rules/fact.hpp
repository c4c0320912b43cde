#pragma once
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "optim/rule.hpp"

/// Source: EmoNavi v1, emofact.py (after Adafactor: Shazeer and Stern, 2018). Note that beta1 averages R and C.
namespace emotrain::optim {

/// Fewer than 2 axes: m <- b1 m + (1-b1) g; v <- b2 v + (1-b2) g^2; u = m / (sqrt(v) + eps); p <- p - lr wd p; p <- p - lr d u.
struct FactVector {
  static constexpr std::string_view name = "fact";
  static constexpr std::array<const char*, 2> slots{"exp_avg", "exp_avg_sq"};

  std::array<double, 2> betas;
  double eps;
  double weight_decay;

  struct Scalars {
    Real b1, one_minus_b1, b2, one_minus_b2, eps, decay, step;
  };

  Scalars scalars(const StepContext& context, double drive) const {
    return {.b1 = Real(betas[0]),
            .one_minus_b1 = Real(1 - betas[0]),
            .b2 = Real(betas[1]),
            .one_minus_b2 = Real(1 - betas[1]),
            .eps = Real(eps),
            .decay = Real(context.lr * weight_decay),
            .step = Real(context.lr * drive)};
  }

  static Real update(const Scalars& k, Real p, Real g, Real& m, Real& v) {
    m = k.b1 * m + k.one_minus_b1 * g;
    v = k.b2 * v + k.one_minus_b2 * g * g;
    const Real u = m / (std::sqrt(v) + k.eps);
    p = p - k.decay * p;
    return p - k.step * u;
  }
};

/// 2 or more axes, R and C of this step given: u = g / (sqrt(R C) + eps); p <- p - lr wd p; p <- p - lr d u.
struct FactMatrix {
  struct Scalars {
    Real eps, decay, step, R;
  };

  static Real update(const Scalars& k, Real p, Real g, const Real& C) {
    const Real u = g / (std::sqrt(k.R * C) + k.eps);
    p = p - k.decay * p;
    return p - k.step * u;
  }
};

/// Chooses between the two by the number of axes, and prepares R and C: R <- b1 R + (1-b1) sqrt(rsq), where rsq = mean of g^2 over all axes
/// but the first, + eps; C likewise with csq, the mean over the first axis. A tensor is seen as a matrix of shape[0] rows.
class Fact final : public Rule {
 public:
  Fact(std::array<double, 2> betas, double eps, double weight_decay);

  std::string_view name() const override { return FactVector::name; }
  void attach(std::size_t index, const Tensor& parameter, Index step) override;
  void begin_step(const StepContext& context, double drive) override;
  void prepare() override;
  double apply(std::size_t index, Index first, Index count, const ShadowStep& shadow) const override;
  void state(std::vector<StateSlot>& out) const override;

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
  };
  struct Patch {
    std::size_t matrix;
    Index band, strip;
  };

  void sum_patch(const Patch& patch);
  void average(const Matrix& matrix) const;

  FactVector formula_;
  ElementwiseRule<FactVector> vectors_;
  FactVector::Scalars scalars_{};
  std::vector<Matrix> matrices_;
  std::vector<Patch> patches_;
  /// By parameter: its place in matrices_, or -1.
  std::vector<Index> matrix_of_;
  Index elements_ = 0;
};

}  // namespace emotrain::optim
