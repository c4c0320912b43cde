#include "emotrain/optim/factored.hpp"

#include <algorithm>
#include <cmath>

namespace emotrain::optim {
namespace {

constexpr Index most_strip_columns = 4096;
/// Few enough for column sums in Real.
constexpr Index most_band_rows = 256;
constexpr Index patch_elements = 64 * 1024;

Index parts(Index whole, Index part) { return (whole + part - 1) / part; }

void add_squares(const Real* __restrict x, Real* __restrict sums, Index n) {
  for (Index i = 0; i < n; ++i) sums[i] += x[i] * x[i];
}

/// The shape with the axes [first, last) of extent 1.
Shape collapsed(const Shape& shape, int first, int last) {
  Shape out = shape;
  for (int axis = first; axis < last; ++axis) out.set(axis, 1);
  return out;
}

}  // namespace

void FactoredMoments::attach(std::size_t index, const Tensor& parameter) {
  if (index >= place_.size()) place_.resize(index + 1, -1);
  const Index rows = parameter.shape()[0];
  const Index columns = parameter.size() / rows;
  const Index width = std::min(columns, most_strip_columns);
  const Index height = std::min({patch_elements / width, most_band_rows, rows});
  const Index bands = parts(rows, height);
  const Index strips = parts(columns, width);
  place_[index] = static_cast<Index>(matrices_.size());
  for (Index band = 0; band < bands; ++band) {
    for (Index strip = 0; strip < strips; ++strip) patches_.push_back({matrices_.size(), band, strip});
  }
  matrices_.push_back({.parameter = parameter,
                       .rows = rows,
                       .columns = columns,
                       .band_rows = height,
                       .strip_columns = width,
                       .R = Tensor::zeros(collapsed(parameter.shape(), 1, parameter.rank())),
                       .C = Tensor::zeros(collapsed(parameter.shape(), 0, 1)),
                       .column_sums = std::vector<Real>(static_cast<std::size_t>(bands * columns)),
                       .row_sums = std::vector<double>(static_cast<std::size_t>(strips * rows))});
  elements_ += parameter.size();
}

void FactoredMoments::follow(const Numbers& numbers) {
  run_tasks(static_cast<Index>(patches_.size()), elements_, [this](Index i) { sum_patch(patches_[static_cast<std::size_t>(i)]); });
  run_tasks(static_cast<Index>(matrices_.size()), elements_, [&](Index i) { average(numbers, matrices_[static_cast<std::size_t>(i)]); });
}

void FactoredMoments::sum_patch(const Patch& patch) {
  Matrix& matrix = matrices_[patch.matrix];
  if (!matrix.parameter.has_grad()) return;
  const Index first_row = patch.band * matrix.band_rows;
  const Index last_row = std::min(first_row + matrix.band_rows, matrix.rows);
  const Index column = patch.strip * matrix.strip_columns;
  const Index n = std::min(matrix.strip_columns, matrix.columns - column);
  Real* const column_sums = matrix.column_sums.data() + patch.band * matrix.columns + column;
  double* const row_sums = matrix.row_sums.data() + patch.strip * matrix.rows;
  const Real* const g = matrix.parameter.grad().data();
  std::fill_n(column_sums, n, Real(0));
  for (Index row = first_row; row < last_row; ++row) {
    const Real* const x = g + row * matrix.columns + column;
    add_squares(x, column_sums, n);
    row_sums[row] = sum_of_squares(n, x);
  }
}

void FactoredMoments::average(const Numbers& k, Matrix& matrix) {
  if (!matrix.parameter.has_grad()) return;
  const auto follow = [&k](Real& average, double sum, Index count) {
    const Real mean = Real(sum / static_cast<double>(count)) + k.eps;
    average = k.b1 * average + k.one_minus_b1 * std::sqrt(mean);
  };
  matrix.squares = 0;
  for (Index row = 0; row < matrix.rows; ++row) {
    double sum = 0;
    for (Index at = row; at < static_cast<Index>(matrix.row_sums.size()); at += matrix.rows)
      sum += matrix.row_sums[static_cast<std::size_t>(at)];
    matrix.squares += sum;
    follow(matrix.R.data()[row], sum, matrix.columns);
  }
  const Real* const sums = matrix.column_sums.data();
  const auto bands = static_cast<Index>(matrix.column_sums.size()) / matrix.columns;
  Real* const C = matrix.C.data();
  for (Index first = 0; first < matrix.columns; first += block_size) {
    const Index n = std::min(block_size, matrix.columns - first);
    double total[block_size] = {};
    for (Index band = 0; band < bands; ++band) {
      const Real* const part = sums + band * matrix.columns + first;
      for (Index i = 0; i < n; ++i) total[i] += part[i];
    }
    for (Index i = 0; i < n; ++i) follow(C[first + i], total[i], matrix.rows);
  }
}

void FactoredMoments::state(std::vector<StateSlot>& out) const {
  for (std::size_t index = 0; index < place_.size(); ++index) {
    if (place_[index] < 0) continue;
    out.push_back({"exp_avg_r", index, matrix(index).R});
    out.push_back({"exp_avg_c", index, matrix(index).C});
  }
}

}  // namespace emotrain::optim
