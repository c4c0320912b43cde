#pragma once
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emotrain/optim/rule.hpp"

/// Rules of a formula that looks at one element at a time. A formula is a struct with its options as members and
///
///     static constexpr std::string_view name;
///     static constexpr std::array<const char*, N> slots;                        // its state, N tensors in the parameter's shape, from 0
///     struct Scalars;                                                           // the numbers of a step
///     Scalars scalars(const StepNumbers&);                                      // prepared in double, then rounded; once a step
///     static Real update(const Scalars&, Real p, Real g, Real& slot...);        // returns the new p
///
/// and, where needed,
///
///     void begin(const Tensor& parameter, const std::array<Tensor, N>& slots) const;  // other first values of the slots than 0
///     static Scalars first_update(Scalars);                                           // for a parameter's first update
///     static bool wants_gradient_norm(const Scalars&);                                // whether this step does
///     static Scalars with_gradient_norm(Scalars, double norm);                        // L2, of the parameter at hand
///     std::vector<double> numbers() const; void restore(std::span<const double>);     // what it keeps from step to step besides slots
///     void evaluation_weights(const Tensor& parameter, const std::array<Tensor, N>& slots, Real* out) const;
///
/// To be an optimizer of its own (Elementwise<Formula>), it also has
///
///     static constexpr double default_lr;
///     void fields(FieldVisitor&);                                               // its options
///
/// docs/add-an-optimizer.md goes through an example.
namespace emotrain::optim {

template <class Formula>
class ElementwiseRule final : public Rule {
 public:
  explicit ElementwiseRule(const Formula& formula) : groups_(formula) {}

  std::string_view name() const override { return Formula::name; }
  bool has_weight_decay() const override { return PerGroup<Formula>::has_weight_decay; }
  void use_groups(std::span<const RuleGroup> groups) override { groups_.use(groups); }

  void attach(std::size_t index, const Tensor& parameter, std::size_t group, Index step) override {
    if (index >= entries_.size()) entries_.resize(index + 1);
    Entry& entry = entries_[index];
    entry.parameter = parameter;
    entry.group = group;
    entry.attached = step;
    for (Tensor& slot : entry.slots) slot = Tensor::zeros(parameter.shape());
    if constexpr (requires(const Formula& f) { f.begin(parameter, entry.slots); }) groups_.formula(group).begin(parameter, entry.slots);
  }

  void begin_step(const StepNumbers& numbers) override {
    step_ = numbers.step;
    groups_.begin_step(numbers);
  }

  void prepare() override {
    if constexpr (may_want_norm) {
      for (Entry& entry : entries_) {
        if (!entry.parameter.defined() || !entry.parameter.has_grad()) continue;
        if (Formula::wants_gradient_norm(groups_.scalars(entry.group))) entry.gradient_norm = gradient_norm(entry.parameter);
      }
    }
  }

  double apply(std::size_t index, Index first, Index count, const Companions& with) const override {
    return apply(entries_[index], first, count, with, std::make_index_sequence<slot_count>());
  }

  void state(std::vector<StateSlot>& out) const override {
    for (std::size_t index = 0; index < entries_.size(); ++index) {
      if (!entries_[index].parameter.defined()) continue;
      for (std::size_t slot = 0; slot < slot_count; ++slot) out.push_back({Formula::slots[slot], index, entries_[index].slots[slot]});
    }
  }

  void numbers(std::vector<StateNumbers>& out) const override {
    if constexpr (has_numbers) {
      for (std::size_t g = 0; g < groups_.size(); ++g) out.push_back({"group" + std::to_string(g), groups_.formula(g).numbers()});
    }
  }
  void restore(const StateNumbers& numbers) override {
    if constexpr (has_numbers) groups_.formula(std::stoul(numbers.name.substr(5))).restore(numbers.values);
  }

  bool has_evaluation_weights() const override { return evaluates_elsewhere; }
  void evaluation_weights(std::size_t index, Real* out) const override {
    if constexpr (evaluates_elsewhere) {
      const Entry& entry = entries_[index];
      groups_.formula(entry.group).evaluation_weights(entry.parameter, entry.slots, out);
    }
  }

 private:
  static constexpr std::size_t slot_count = Formula::slots.size();
  static constexpr bool has_numbers = requires(const Formula& f) { f.numbers(); };
  static constexpr bool may_want_norm = requires(typename Formula::Scalars k) { Formula::wants_gradient_norm(k); };
  static constexpr bool evaluates_elsewhere =
      requires(const Formula& f, const Tensor& p, const std::array<Tensor, slot_count>& slots, Real* out) {
    f.evaluation_weights(p, slots, out);
  };

  struct Entry {
    Tensor parameter;
    std::size_t group = 0;
    /// The step of its first update.
    Index attached = 0;
    double gradient_norm = 0;
    std::array<Tensor, slot_count> slots;
  };

  template <std::size_t... S>
  double apply(const Entry& entry, Index first, Index count, const Companions& with, std::index_sequence<S...> /*slots*/) const {
    typename Formula::Scalars k = groups_.scalars(entry.group);
    if constexpr (requires { Formula::first_update(k); }) {
      if (entry.attached == step_) k = Formula::first_update(k);
    }
    if constexpr (may_want_norm) {
      if (Formula::wants_gradient_norm(k)) k = Formula::with_gradient_norm(k, entry.gradient_norm);
    }
    Real* p = entry.parameter.data();
    const Real* g = entry.parameter.grad().data();
    const std::array<Real*, slot_count> slots{entry.slots[S].data()...};
    const ShadowStep& shadow = with.shadow;
    return apply_tile(
        p, with, first, count, [&](Index at, Index n) { update_elements<Formula>(k, p + at, g + at, n, (slots[S] + at)...); },
        [&](Index at, Index n) { update_blended_elements<Formula>(k, shadow, p + at, g + at, shadow.shadow + at, n, (slots[S] + at)...); });
  }

  PerGroup<Formula> groups_;
  Index step_ = 0;
  std::vector<Entry> entries_;
};

template <class Formula>
std::unique_ptr<Rule> elementwise(const Formula& formula) {
  return std::make_unique<ElementwiseRule<Formula>>(formula);
}

/// The options of an optimizer that is one formula.
template <class Formula>
struct Elementwise : OptimizerOptions {
  Formula formula;

  Elementwise() { lr = Formula::default_lr; }
  void fields(FieldVisitor& visitor) override {
    OptimizerOptions::fields(visitor);
    formula.fields(visitor);
    part_fields(visitor);
  }
  void check() const override {
    OptimizerOptions::check();
    if constexpr (requires { formula.check(); }) formula.check();
  }
  std::unique_ptr<Rule> rule() const override { return elementwise(formula); }
};

}  // namespace emotrain::optim
