#include "emotrain/optim/rules/muon.hpp"

#include <algorithm>
#include <cmath>

#include "emotrain/core/error.hpp"
#include "emotrain/kernels/gemm.hpp"

namespace emotrain::optim {
namespace {

using kernels::gemm;

void transpose(const Real* from, Index rows, Index columns, Real* to) {
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) to[j * rows + i] = from[i * columns + j];
  }
}

/// x (m, n) with m <= n.
void iterate(Real* x, Index m, Index n, Index steps) {
  constexpr Real a = Real(3.4445);
  constexpr Real b = Real(-4.7750);
  constexpr Real c = Real(2.0315);
  const Scratch<Real> gram(static_cast<std::size_t>(m * m));
  const Scratch<Real> square(static_cast<std::size_t>(m * m));
  const Scratch<Real> product(static_cast<std::size_t>(m * n));
  for (Index step = 0; step < steps; ++step) {
    const kernels::Matrix X{x, n, 1};
    const kernels::Matrix A{gram.data(), m, 1};
    gemm(m, m, n, X, X.transposed(), gram.data(), m);
    gemm(m, m, m, A, A, square.data(), m);
    for (Index i = 0; i < m * m; ++i) square.data()[i] = b * gram.data()[i] + c * square.data()[i];
    gemm(m, n, m, {square.data(), m, 1}, X, product.data(), n);
    for (Index i = 0; i < m * n; ++i) x[i] = a * x[i] + product.data()[i];
  }
}

}  // namespace

void newton_schulz(Real* x, Index rows, Index columns, Index steps) {
  const Index size = rows * columns;
  const Real scale = 1 / (Real(std::sqrt(sum_of_squares(size, x))) + Real(1e-7));
  for (Index i = 0; i < size; ++i) x[i] *= scale;
  if (rows <= columns) return iterate(x, rows, columns, steps);
  const Scratch<Real> turned(static_cast<std::size_t>(size));
  transpose(x, rows, columns, turned.data());
  iterate(turned.data(), columns, rows, steps);
  transpose(turned.data(), columns, rows, x);
}

void Muon::use_groups(std::span<const RuleGroup> groups) {
  groups_.assign(groups.begin(), groups.end());
  std::vector<RuleGroup> of_aux = groups_;
  for (RuleGroup& group : of_aux) group.lr_scale = group.lr_scale.value_or(k_.aux_lr_scale);
  aux_.use_groups(of_aux);
}

void Muon::attach(std::size_t index, const Tensor& parameter, std::size_t group, Index step) {
  if (parameter.rank() < 2 || parameter.size() == 0 || !groups_[group].use_muon) return aux_.attach(index, parameter, group, step);
  if (index >= entries_.size()) entries_.resize(index + 1);
  const Shape& shape = parameter.shape();
  const double ratio = static_cast<double>(shape[-2]) / static_cast<double>(shape[-1]);
  entries_[index] = {.parameter = parameter,
                     .group = group,
                     .momentum_buffer = Tensor::zeros(shape),
                     .update = Tensor::empty(shape),
                     .scale = Real(std::sqrt(std::max(1.0, ratio)))};
}

void Muon::begin_step(const StepNumbers& numbers) {
  now_ = numbers;
  aux_.begin_step(numbers);
}

void Muon::prepare() {
  const Real mu = Real(k_.momentum);
  const Real one_minus_mu = Real(1 - k_.momentum);
  for (Entry& entry : entries_) {
    if (!entry.parameter.defined() || !entry.parameter.has_grad()) continue;
    const Real* const g = entry.parameter.grad().data();
    Real* const b = entry.momentum_buffer.data();
    Real* const u = entry.update.data();
    const Index size = entry.parameter.size();
    const bool nesterov = k_.nesterov;
    for (Index i = 0; i < size; ++i) {
      b[i] += one_minus_mu * (g[i] - b[i]);
      u[i] = nesterov ? g[i] + mu * (b[i] - g[i]) : b[i];
    }
    const Index rows = entry.parameter.shape()[0];
    newton_schulz(u, rows, size / rows, k_.ns_steps);
  }
}

double Muon::apply(std::size_t index, Index first, Index count, const Companions& with) const {
  if (index >= entries_.size() || !entries_[index].parameter.defined()) return aux_.apply(index, first, count, with);
  const Entry& entry = entries_[index];
  const RuleGroup& group = groups_[entry.group];
  const double lr = now_.lr * group.lr_scale.value_or(1);
  const Real keep = Real(1 - lr * group.weight_decay.value_or(k_.weight_decay));
  const Real step = Real(lr * now_.drive) * entry.scale;
  Real* const p = entry.parameter.data();
  const Real* const u = entry.update.data();
  return apply_tile(p, with, first, count, [&](Index at, Index n) {
    for (Index i = at; i < at + n; ++i) p[i] = p[i] * keep - step * u[i];
  });
}

void Muon::state(std::vector<StateSlot>& out) const {
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    if (entries_[index].parameter.defined()) out.push_back({"momentum_buffer", index, entries_[index].momentum_buffer});
  }
  aux_.state(out);
}

void AuxAdamOptions::fields(FieldVisitor& visitor) {
  visitor.field({"lr", "learning rate", {.min = 0}}, lr);
  visitor.field(betas_field, betas);
  visitor.field(eps_field, eps);
  visitor.field(weight_decay_field, weight_decay);
}

void MuonOptions::fields(FieldVisitor& visitor) {
  OptimizerOptions::fields(visitor);
  visitor.field({"momentum", "decay rate of the momentum", beta_range}, momentum);
  visitor.field({"nesterov", "look ahead by the momentum"}, nesterov);
  visitor.field({"ns_steps", "iterations of the orthogonalization", {.min = 1, .max = 100}}, ns_steps);
  visitor.field(weight_decay_field, weight_decay);
  visitor.field({"aux_adam", "AdamW for everything that is no matrix"}, aux_adam);
  part_fields(visitor);
}

void MuonOptions::check() const {
  OptimizerOptions::check();
  if (lr == 0) fail(ErrorKind::usage, "lr: is 0, and that of aux_adam follows it in proportion; give lr > 0");
}

std::unique_ptr<Rule> MuonOptions::rule() const {
  return std::make_unique<Muon>(
      Muon::Numbers{
          .momentum = momentum, .nesterov = nesterov, .ns_steps = ns_steps, .weight_decay = weight_decay, .aux_lr_scale = aux_adam.lr / lr},
      Adam<true, false>{aux_adam.betas, aux_adam.eps, aux_adam.weight_decay});
}

}  // namespace emotrain::optim
