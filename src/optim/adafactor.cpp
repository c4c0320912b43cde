#include "emotrain/optim/rules/adafactor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace emotrain::optim {
namespace {

/// A task's number of elements; few enough rows in a band for column sums in Real.
constexpr Index task_elements = 64 * 1024;
constexpr Index most_band_rows = 256;

Shape with_extent_1(const Shape& shape, int axis) {
  Shape out = shape;
  out.set(shape.rank() + axis, 1);
  return out;
}

/// sums += x^2, ratios += x^2 / R.
void add_squares(const Real* __restrict x, Real one_over_R, Real* __restrict sums, Real* __restrict ratios, Index n) {
  for (Index i = 0; i < n; ++i) {
    const Real square = x[i] * x[i];
    sums[i] += square;
    ratios[i] += square * one_over_R;
  }
}

/// The least second moment: eps[0]^2, but not 0, which nothing can be divided by.
Real floor_of(const AdafactorNumbers& numbers) { return std::max(Real(numbers.eps[0] * numbers.eps[0]), std::numeric_limits<Real>::min()); }

/// g / sqrt(max(V, floor)).
Real direction(Real g, Real V, Real floor) { return g / std::sqrt(std::max(V, floor)); }

/// Sum of direction^2 over n elements, whose second moments are `second(i)`.
template <class Second>
double squared_length(const Real* g, Index n, Real floor, const Second& second) {
  constexpr Index lanes = 16;
  Real sums[lanes] = {};
  Index i = 0;
  for (; i + lanes <= n; i += lanes) {
    for (Index lane = 0; lane < lanes; ++lane) {
      const Real u = direction(g[i + lane], second(i + lane), floor);
      sums[lane] += u * u;
    }
  }
  for (; i < n; ++i) {
    const Real u = direction(g[i], second(i), floor);
    sums[0] += u * u;
  }
  return std::accumulate(sums, sums + lanes, 0.0);
}

}  // namespace

void Adafactor::attach(std::size_t index, const Tensor& parameter, std::size_t group, Index /*step*/) {
  if (index >= entries_.size()) entries_.resize(index + 1);
  Entry& entry = entries_[index];
  entry.parameter = parameter;
  entry.group = group;
  entry.factored = parameter.rank() >= 2 && parameter.size() > 0;
  elements_ += parameter.size();
  if (!entry.factored) {
    entry.columns = parameter.size();
    entry.V = Tensor::zeros(parameter.shape());
    tasks_.push_back({.entry = index, .first = 0, .last = 1});
    return;
  }
  attach_matrices(entry);
  const Index whole = std::max<Index>(task_elements / (entry.rows * entry.columns), 1);
  const bool in_bands = entry.band_rows < entry.rows;
  const Index total = entry.matrices * entry.rows;
  for (Index first = 0; first < total;) {
    const Index end_of_matrix = (first / entry.rows + 1) * entry.rows;
    const Index last = in_bands ? std::min(first + entry.band_rows, end_of_matrix) : std::min(first + whole * entry.rows, total);
    tasks_.push_back({.entry = index, .first = first, .last = last});
    first = last;
  }
}

void Adafactor::attach_matrices(Entry& entry) {
  const Shape& shape = entry.parameter.shape();
  entry.rows = shape[-2];
  entry.columns = shape[-1];
  entry.matrices = entry.parameter.size() / (entry.rows * entry.columns);
  entry.band_rows = std::clamp<Index>(task_elements / entry.columns, 1, std::min(most_band_rows, entry.rows));
  const Index bands = (entry.rows + entry.band_rows - 1) / entry.band_rows;
  entry.R = Tensor::zeros(with_extent_1(shape, -1));
  entry.C = Tensor::zeros(with_extent_1(shape, -2));
  entry.scale.resize(static_cast<std::size_t>(entry.matrices));
  entry.column_sums.resize(static_cast<std::size_t>(entry.matrices * bands * entry.columns));
  entry.column_ratios.resize(entry.column_sums.size());
}

void Adafactor::prepare() {
  inflow_ = Real(std::pow(static_cast<double>(now_.step), k_.beta2_decay));
  const auto for_tasks = [this](auto&& action) {
    run_tasks(static_cast<Index>(tasks_.size()), elements_, [&](Index t) {
      Task& task = tasks_[static_cast<std::size_t>(t)];
      if (entries_[task.entry].parameter.has_grad()) action(task);
    });
  };
  for_tasks([this](Task& task) { follow(task); });
  bool clamped = false;
  for (Entry& entry : entries_) {
    if (!entry.factored || !entry.parameter.has_grad()) continue;
    average_columns(entry);
    clamped = clamped || entry.clamped;
  }
  if (clamped) {
    for_tasks([this](Task& task) {
      if (entries_[task.entry].clamped) measure(task);
    });
  }
  decide();
}

void Adafactor::follow(Task& task) {
  Entry& entry = entries_[task.entry];
  const Index columns = entry.columns;
  const Real* const g = entry.parameter.grad().data();
  task.p_squares = sum_of_squares((task.last - task.first) * columns, entry.parameter.data() + task.first * columns);
  if (!entry.factored) {
    Real* const V = entry.V.data();
    for (Index i = 0; i < columns; ++i) V[i] += inflow_ * (g[i] * g[i] - V[i]);
    task.u_squares = squared_length(g, columns, floor_of(k_), [V](Index i) { return V[i]; });
    return;
  }
  const Index bands = (entry.rows + entry.band_rows - 1) / entry.band_rows;
  for (Index r = task.first; r < task.last; ++r) {
    const Index row = r % entry.rows;
    const Index band = (r / entry.rows * bands + row / entry.band_rows) * columns;
    Real* const sums = entry.column_sums.data() + band;
    Real* const ratios = entry.column_ratios.data() + band;
    if (row % entry.band_rows == 0) {
      std::fill_n(sums, columns, Real(0));
      std::fill_n(ratios, columns, Real(0));
    }
    Real& R = entry.R.data()[r];
    R += inflow_ * (Real(sum_of_squares(columns, g + r * columns) / static_cast<double>(columns)) - R);
    add_squares(g + r * columns, 1 / R, sums, ratios, columns);
  }
}

void Adafactor::average_columns(Entry& entry) const {
  const Index bands = (entry.rows + entry.band_rows - 1) / entry.band_rows;
  entry.u_squares = 0;
  entry.clamped = false;
  for (Index matrix = 0; matrix < entry.matrices; ++matrix) {
    const Real* const R = entry.R.data() + matrix * entry.rows;
    Real* const C = entry.C.data() + matrix * entry.columns;
    const double mean = std::accumulate(R, R + entry.rows, 0.0) / static_cast<double>(entry.rows);
    const Real scale = entry.scale[static_cast<std::size_t>(matrix)] = Real(1 / std::max(mean, k_.eps[0]));
    for (Index column = 0; column < entry.columns; ++column) {
      double sum = 0;
      double ratio = 0;
      for (Index band = matrix * bands; band < (matrix + 1) * bands; ++band) {
        sum += entry.column_sums[static_cast<std::size_t>(band * entry.columns + column)];
        ratio += entry.column_ratios[static_cast<std::size_t>(band * entry.columns + column)];
      }
      C[column] += inflow_ * (Real(sum / static_cast<double>(entry.rows)) - C[column]);
      entry.u_squares += ratio / (double{C[column]} * double{scale});
    }
    const Real least = *std::min_element(R, R + entry.rows) * *std::min_element(C, C + entry.columns) * scale;
    entry.clamped = entry.clamped || !(least > floor_of(k_));
  }
}

void Adafactor::measure(Task& task) const {
  const Entry& entry = entries_[task.entry];
  const Real floor = floor_of(k_);
  const Real* const g = entry.parameter.grad().data();
  task.u_squares = 0;
  for (Index r = task.first; r < task.last; ++r) {
    const Index matrix = r / entry.rows;
    const Real R = entry.R.data()[r] * entry.scale[static_cast<std::size_t>(matrix)];
    const Real* const C = entry.C.data() + matrix * entry.columns;
    task.u_squares += squared_length(g + r * entry.columns, entry.columns, floor, [R, C](Index i) { return R * C[i]; });
  }
}

void Adafactor::decide() {
  std::size_t t = 0;
  while (t < tasks_.size()) {
    Entry& entry = entries_[tasks_[t].entry];
    double p_squares = 0;
    double u_squares = entry.factored && !entry.clamped ? entry.u_squares : 0;
    for (const std::size_t of = tasks_[t].entry; t < tasks_.size() && tasks_[t].entry == of; ++t) {
      p_squares += tasks_[t].p_squares;
      if (!entry.factored || entry.clamped) u_squares += tasks_[t].u_squares;
    }
    const RuleGroup& group = groups_[entry.group];
    const double lr = now_.lr * group.lr_scale.value_or(1);
    const double root_n = std::sqrt(static_cast<double>(std::max<Index>(entry.parameter.size(), 1)));
    const double a = std::max(k_.eps[1], std::sqrt(p_squares) / root_n) * std::min(lr, 1 / std::sqrt(static_cast<double>(now_.step)));
    entry.step = Real(a * now_.drive / std::max(1.0, std::sqrt(u_squares) / (k_.d * root_n)));
    entry.keep = Real(1 - lr * group.weight_decay.value_or(k_.weight_decay));
  }
}

double Adafactor::apply(std::size_t index, Index first, Index count, const Companions& with) const {
  const Entry& entry = entries_[index];
  const Real floor = floor_of(k_);
  const Real keep = entry.keep;
  const Real step = entry.step;
  Real* const p = entry.parameter.data();
  const Real* const g = entry.parameter.grad().data();
  const Real* const V = entry.factored ? nullptr : entry.V.data();
  return apply_tile(p, with, first, count, [&](Index at, Index n) {
    if (V != nullptr) {
      for (Index i = at; i < at + n; ++i) p[i] = p[i] * keep - step * direction(g[i], V[i], floor);
      return;
    }
    Index r = at / entry.columns;
    Index column = at % entry.columns;
    for (const Index end = at + n; at < end; ++r, column = 0) {
      const Index run = std::min(entry.columns - column, end - at);
      const Real R = entry.R.data()[r] * entry.scale[static_cast<std::size_t>(r / entry.rows)];
      const Real* const C = entry.C.data() + r / entry.rows * entry.columns + column;
      for (Index i = 0; i < run; ++i) p[at + i] = p[at + i] * keep - step * direction(g[at + i], R * C[i], floor);
      at += run;
    }
  });
}

void Adafactor::state(std::vector<StateSlot>& out) const {
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    const Entry& entry = entries_[index];
    if (!entry.parameter.defined()) continue;
    if (entry.factored) {
      out.push_back({"row_var", index, entry.R});
      out.push_back({"col_var", index, entry.C});
    } else {
      out.push_back({"variance", index, entry.V});
    }
  }
}

void AdafactorOptions::fields(FieldVisitor& visitor) {
  OptimizerOptions::fields(visitor);
  visitor.field({"beta2_decay", "power of the step in the averages' rate", {.max = 0}}, numbers.beta2_decay);
  visitor.field({"eps", "least mean of row averages (squared: least second moment), and least scale of a parameter", {.above = 0}},
                numbers.eps);
  visitor.field({"d", "greatest root mean square of an update", {.min = 1}}, numbers.d);
  visitor.field(weight_decay_field, numbers.weight_decay);
  part_fields(visitor);
}

std::unique_ptr<Rule> AdafactorOptions::rule() const { return std::make_unique<Adafactor>(numbers); }

}  // namespace emotrain::optim
