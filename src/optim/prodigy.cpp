#include "emotrain/optim/rules/prodigy.hpp"

#include <algorithm>
#include <cmath>

namespace emotrain::optim {
namespace {

/// Chains of additions side by side, and elements that they add in Real before it goes on in double.
constexpr Index lanes = 16;
constexpr Index run = 1024;

struct Numbers {
  Real b1, m_in, b2, v_in, b3, s_in;
};

struct Slots {
  const Real *p, *g, *p0;
  Real *m, *v, *s;
};

void element(const Numbers& k, const Slots& at, Index i, double& product, double& magnitude) {
  const Real g = at.g[i];
  // Fused where PyTorch's add_ and addcmul_ are.
  product += g * (at.p0[i] - at.p[i]);
  at.m[i] = std::fma(k.m_in, g, k.b1 * at.m[i]);
  at.v[i] = std::fma(k.v_in * g, g, k.b2 * at.v[i]);
  at.s[i] = std::fma(k.s_in, g, k.b3 * at.s[i]);
  magnitude += std::abs(at.s[i]);
}

}  // namespace

Prodigy::Prodigy(const ProdigyNumbers& numbers)
    : k_(numbers), d_(numbers.d0), d_max_(numbers.d0), b3_(numbers.beta3.value_or(std::sqrt(numbers.betas[1]))) {
  groups_.front().weight_decay = numbers.weight_decay;
}

void Prodigy::use_groups(std::span<const RuleGroup> groups) {
  groups_.clear();
  for (const RuleGroup& group : groups) {
    groups_.push_back({.lr_scale = group.lr_scale.value_or(1), .weight_decay = group.weight_decay.value_or(k_.weight_decay)});
  }
}

void Prodigy::attach(std::size_t index, const Tensor& parameter, std::size_t group, Index /*step*/) {
  if (index >= entries_.size()) entries_.resize(index + 1);
  const auto zeros = [&] { return Tensor::zeros(parameter.shape()); };
  entries_[index] = {parameter, group, zeros(), Tensor::from(parameter.shape(), parameter.values()), zeros(), zeros()};
  // In the order of the parameters, whenever they come: their sums are added in this order, and a resume attaches all at once.
  auto place = std::ranges::upper_bound(tiles_, index, {}, &Tile::entry);
  for (Index first = 0; first < parameter.size(); first += tile_size, ++place) {
    place = tiles_.insert(place, {.entry = index, .first = first, .count = std::min(tile_size, parameter.size() - first)});
  }
}

void Prodigy::begin_step(const StepNumbers& numbers) {
  const auto t = static_cast<double>(numbers.step);
  const double correction = k_.bias_correction ? std::sqrt(1 - std::pow(k_.betas[1], t)) / (1 - std::pow(k_.betas[0], t)) : 1;
  drive_ = numbers.drive;
  for (OfGroup& group : groups_) {
    group.lr = d_ * numbers.lr * group.lr_scale * correction;
    group.keep = Real(1 - group.weight_decay * (k_.fixed_decay ? 1 : group.lr));
  }
}

void Prodigy::prepare() {
  Index elements = 0;
  for (const Tile& tile : tiles_) elements += tile.count;
  run_tasks(static_cast<Index>(tiles_.size()), elements, [this](Index t) { accumulate(tiles_[static_cast<std::size_t>(t)]); });
  // Rounded where the source rounds: the estimate hangs on differences p0 - p that are small against p, and d on the estimate.
  numerator_ *= Real(b3_);
  Real denominator = 0;
  for (auto tile = tiles_.begin(); tile != tiles_.end();) {
    const std::size_t index = tile->entry;
    double product = 0;
    double magnitude = 0;
    for (; tile != tiles_.end() && tile->entry == index; ++tile) {
      product += tile->numerator;
      magnitude += tile->denominator;
    }
    const Entry& entry = entries_[index];
    if (!entry.parameter.has_grad()) continue;
    numerator_ = std::fma(Real(d_ / k_.d0 * groups_[entry.group].lr), Real(product), numerator_);
    denominator += Real(magnitude);
  }
  estimate(denominator);
}

void Prodigy::accumulate(Tile& tile) const {
  const Entry& entry = entries_[tile.entry];
  if (!entry.parameter.has_grad()) return;
  const double inflow = k_.safeguard_warmup ? d_ : groups_[entry.group].lr;
  const Numbers k{.b1 = Real(k_.betas[0]),
                  .m_in = Real(d_ * (1 - k_.betas[0])),
                  .b2 = Real(k_.betas[1]),
                  .v_in = Real(d_ * d_ * (1 - k_.betas[1])),
                  .b3 = Real(b3_),
                  .s_in = Real(d_ / k_.d0 * inflow)};
  const Slots at{entry.parameter.data(), entry.parameter.grad().data(), entry.p0.data(),
                 entry.exp_avg.data(),   entry.exp_avg_sq.data(),       entry.s.data()};
  tile.numerator = tile.denominator = 0;
  for (Index first = tile.first; first < tile.first + tile.count; first += run) {
    const Index last = std::min(first + run, tile.first + tile.count);
    double products[lanes] = {};
    double magnitudes[lanes] = {};
    Index i = first;
    for (; i + lanes <= last; i += lanes) {
      for (Index lane = 0; lane < lanes; ++lane) element(k, at, i + lane, products[lane], magnitudes[lane]);
    }
    for (; i < last; ++i) element(k, at, i, products[0], magnitudes[0]);
    for (Index lane = 0; lane < lanes; ++lane) {
      tile.numerator += products[lane];
      tile.denominator += magnitudes[lane];
    }
  }
}

void Prodigy::estimate(Real denominator) {
  moves_ = denominator > 0;
  if (!moves_) return;
  const double estimated = Real(k_.d_coef) * numerator_ / denominator;
  if (d_ == k_.d0) d_ = std::max(d_, estimated);
  d_max_ = std::max(d_max_, estimated);
  d_ = std::min(d_max_, d_ * k_.growth_rate.value_or(std::numeric_limits<double>::infinity()));
}

double Prodigy::apply(std::size_t index, Index first, Index count, const Companions& with) const {
  const Entry& entry = entries_[index];
  const OfGroup& group = groups_[entry.group];
  Real* const p = entry.parameter.data();
  const Real* const m = entry.exp_avg.data();
  const Real* const v = entry.exp_avg_sq.data();
  const Real step = Real(group.lr * drive_);
  const Real eps = Real(d_ * k_.eps);
  const Real keep = group.keep;
  return apply_tile(p, with, first, count, [&](Index at, Index n) {
    if (!moves_) return;
    for (Index i = at; i < at + n; ++i) p[i] = p[i] * keep - step * m[i] / (std::sqrt(v[i]) + eps);
  });
}

void Prodigy::state(std::vector<StateSlot>& out) const {
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    const Entry& entry = entries_[index];
    if (!entry.parameter.defined()) continue;
    out.push_back({"s", index, entry.s});
    out.push_back({"p0", index, entry.p0});
    out.push_back({"exp_avg", index, entry.exp_avg});
    out.push_back({"exp_avg_sq", index, entry.exp_avg_sq});
  }
}

void Prodigy::numbers(std::vector<StateNumbers>& out) const { out.push_back({"d", {d_, d_max_, double{numerator_}}}); }

void Prodigy::restore(const StateNumbers& numbers) {
  d_ = numbers.values[0];
  d_max_ = numbers.values[1];
  numerator_ = Real(numbers.values[2]);
}

void ProdigyOptions::fields(FieldVisitor& visitor) {
  OptimizerOptions::fields(visitor);
  visitor.field(betas_field, numbers.betas);
  visitor.field({"beta3", "decay rate of what d is estimated from; absent: the root of the second beta", beta_range}, numbers.beta3);
  visitor.field({"d0", "first value of d", {.above = 0}}, numbers.d0);
  visitor.field({"d_coef", "factor on the estimate of d", {.above = 0}}, numbers.d_coef);
  visitor.field({"growth_rate", "greatest factor by which d grows in a step; absent: any", {.min = 1}}, numbers.growth_rate);
  visitor.field(weight_decay_field, numbers.weight_decay);
  visitor.field({"fixed_decay", "decay by weight_decay itself rather than by d lr times it"}, numbers.fixed_decay);
  visitor.field({"bias_correction", "correct the averages' bias towards their start"}, numbers.bias_correction);
  visitor.field({"safeguard_warmup", "leave lr out of the denominator of the estimate"}, numbers.safeguard_warmup);
  visitor.field(eps_field, numbers.eps);
  part_fields(visitor);
}

std::unique_ptr<Rule> ProdigyOptions::rule() const { return std::make_unique<Prodigy>(numbers); }

}  // namespace emotrain::optim
