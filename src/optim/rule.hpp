#pragma once
#include <array>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "emotrain/optim/optimizer.hpp"
#include "optim/apply.hpp"

namespace emotrain::optim {

/// An update rule at work: what happens to each parameter between the shadow's blend and its distance, and the state that this takes.
class Rule {
 public:
  virtual ~Rule() = default;
  Rule(const Rule&) = delete;
  Rule& operator=(const Rule&) = delete;

  virtual std::string_view name() const = 0;
  /// Called once for each parameter, in the step of its first gradient: makes its state.
  virtual void attach(std::size_t index, const Tensor& parameter, Index step) = 0;
  /// The numbers of a step.
  virtual void begin_step(const StepContext& context, double drive) = 0;
  /// What has to be reduced from whole gradients first, of all parameters that have one.
  virtual void prepare() {}
  /// Updates the elements [first, first + count) of a parameter that has a gradient; returns their sum (p - shadow)^2.
  virtual double apply(std::size_t index, Index first, Index count, const ShadowStep& shadow) const = 0;
  virtual void state(std::vector<StateSlot>& out) const = 0;

 protected:
  Rule() = default;
};

/// The rule of a formula that looks at one element at a time. A formula is a struct with
///
///     static constexpr std::string_view name;
///     static constexpr std::array<const char*, N> slots;                        // its state, N tensors in the parameter's shape, from 0
///     struct Scalars;                                                           // the numbers of a step
///     Scalars scalars(const StepContext&, double drive) const;                  // prepared in double, then rounded
///     static Real update(const Scalars&, Real p, Real g, Real& slot...);        // returns the new p
///     static Scalars first_update(Scalars);                                     // optional: for a parameter's first update
template <class Formula>
class ElementwiseRule final : public Rule {
 public:
  explicit ElementwiseRule(const Formula& formula) : formula_(formula) {}

  std::string_view name() const override { return Formula::name; }

  void attach(std::size_t index, const Tensor& parameter, Index step) override {
    if (index >= entries_.size()) entries_.resize(index + 1);
    Entry& entry = entries_[index];
    entry.parameter = parameter;
    entry.attached = step;
    for (Tensor& slot : entry.slots) slot = Tensor::zeros(parameter.shape());
  }

  void begin_step(const StepContext& context, double drive) override {
    step_ = context.step;
    scalars_ = formula_.scalars(context, drive);
  }

  double apply(std::size_t index, Index first, Index count, const ShadowStep& shadow) const override {
    return apply(entries_[index], first, count, shadow, std::make_index_sequence<Formula::slots.size()>());
  }

  void state(std::vector<StateSlot>& out) const override {
    for (std::size_t index = 0; index < entries_.size(); ++index) {
      if (!entries_[index].parameter.defined()) continue;
      for (std::size_t slot = 0; slot < Formula::slots.size(); ++slot) {
        out.push_back({Formula::slots[slot], index, entries_[index].slots[slot]});
      }
    }
  }

 private:
  struct Entry {
    Tensor parameter;
    /// The step of its first update.
    Index attached = 0;
    std::array<Tensor, Formula::slots.size()> slots;
  };

  template <std::size_t... S>
  double apply(const Entry& entry, Index first, Index count, const ShadowStep& shadow, std::index_sequence<S...> /*slots*/) const {
    typename Formula::Scalars k = scalars_;
    if constexpr (requires { Formula::first_update(k); }) {
      if (entry.attached == step_) k = Formula::first_update(k);
    }
    Real* p = entry.parameter.data();
    const Real* g = entry.parameter.grad().data();
    const std::array<Real*, sizeof...(S)> slots{entry.slots[S].data()...};
    return apply_tile(p, shadow, first, count,
                      [&](Index at, Index n) { update_elements<Formula>(k, p + at, g + at, n, (slots[S] + at)...); });
  }

  Formula formula_;
  Index step_ = 0;
  typename Formula::Scalars scalars_{};
  std::vector<Entry> entries_;
};

}  // namespace emotrain::optim
