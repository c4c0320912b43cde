#include "optim/three_phase.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "emotrain/core/error.hpp"

namespace emotrain::optim {
namespace {

using Action = ShadowStep::Action;

/// A copy of the parameter as it is.
Tensor copy_of(const Tensor& parameter) { return Tensor::from(parameter.shape(), parameter.values()); }

std::vector<StateNumbers> numbers_of(const EmotionState& state) {
  return {{"emotion/started", {state.started ? 1.0 : 0.0}},
          {"emotion/ema_short", {state.ema_short}},
          {"emotion/ema_medium", {state.ema_medium}},
          {"emotion/ema_long", {state.ema_long}},
          {"emotion/window", state.window},
          {"emotion/values", {static_cast<double>(state.values)}},
          {"emotion/should_stop", {state.should_stop ? 1.0 : 0.0}}};
}

/// The numbers of that name; throws if there are not `count` of them.
const std::vector<double>& find_numbers(std::span<const StateNumbers> all, std::string_view name, std::size_t count) {
  const auto found = std::ranges::find(all, name, &StateNumbers::name);
  if (found == all.end() || found->values.size() != count) {
    fail(ErrorKind::data, "{}: the state of the optimizer has {} of the {} numbers that it needs; was it saved with other options?", name,
         found == all.end() ? 0 : found->values.size(), count);
  }
  return found->values;
}

EmotionState emotion_from(std::span<const StateNumbers> numbers, std::size_t window) {
  const auto number = [&](std::string_view name) { return find_numbers(numbers, name, 1).front(); };
  return {.started = number("emotion/started") != 0,
          .ema_short = number("emotion/ema_short"),
          .ema_medium = number("emotion/ema_medium"),
          .ema_long = number("emotion/ema_long"),
          .window = find_numbers(numbers, "emotion/window", window),
          .values = static_cast<Index>(number("emotion/values")),
          .should_stop = number("emotion/should_stop") != 0};
}

void add_prefix(const std::string& prefix, auto& named, std::size_t first) {
  for (std::size_t i = first; i < named.size(); ++i) named[i].name = prefix + "/" + named[i].name;
}

}  // namespace

ThreePhase::ThreePhase(std::vector<Tensor> parameters, Composition composition, std::function<std::size_t(double)> choose)
    : parameters_(std::move(parameters)), parts_(std::move(composition)), choose_(std::move(choose)), entries_(parameters_.size()) {
  parts_.group_of.resize(parameters_.size(), 0);
  for (const auto& rule : parts_.rules) rule->use_groups(parts_.groups);
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Index size = parameters_[i].size();
    for (Index first = 0; first < size; first += tile_size) tiles_.push_back({i, first, std::min(tile_size, size - first), 0});
  }
}

StepReport ThreePhase::step(const StepContext& context) {
  StepReport report;
  const Feeling feeling = feel(context);
  if (parts_.emotion) report.emotion = feeling;
  Rule& rule = *parts_.rules[choose_(feeling.scalar)];
  report.rule = rule.name();

  Index elements = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const bool has_gradient = parameters_[i].has_grad();
    const bool first_gradient = has_gradient && !entries_[i].attached;
    if (first_gradient) attach(i, context.step);
    accompany(i, feeling, context.step, first_gradient);
    if (has_gradient) elements += parameters_[i].size();
  }
  rule.begin_step({.step = context.step, .lr = context.lr, .drive = feeling.drive, .scalar = feeling.scalar});
  rule.prepare();
  run_tasks(static_cast<Index>(tiles_.size()), elements, [&](Index t) {
    Tile& tile = tiles_[static_cast<std::size_t>(t)];
    const Tensor& parameter = parameters_[tile.entry];
    const Companions& with = entries_[tile.entry].with;
    tile.distance = parameter.has_grad() ? rule.apply(tile.entry, tile.first, tile.count, with)
                                         : apply_tile(parameter.data(), with, tile.first, tile.count, [](Index, Index) {});
  });
  report.shadow_distance = shadow_distance();
  return report;
}

Feeling ThreePhase::feel(const StepContext& context) {
  if (!parts_.emotion) return {};
  const auto with_gradient = std::ranges::count_if(parameters_, [](const Tensor& parameter) { return parameter.has_grad(); });
  Feeling feeling = parts_.emotion->feel(context.loss, context.step, with_gradient);
  if (parts_.shadow) feeling.ratio = parts_.shadow->ratio(feeling.scalar);
  return feeling;
}

void ThreePhase::attach(std::size_t index, Index step) {
  Entry& entry = entries_[index];
  const Tensor& parameter = parameters_[index];
  entry.attached = true;
  if (parts_.shadow) entry.shadow = Tensor::empty(parameter.shape());
  if (parts_.lookahead) entry.slow = copy_of(parameter);
  if (parts_.parameter_ema) entry.average = copy_of(parameter);
  for (const auto& rule : parts_.rules) rule->attach(index, parameter, parts_.group_of[index], step);
}

void ThreePhase::accompany(std::size_t index, const Feeling& feeling, Index step, bool first_gradient) {
  Entry& entry = entries_[index];
  entry.with = {.shadow = shadow_step(index, feeling)};
  if (!entry.attached) return;
  if (parts_.lookahead && parameters_[index].has_grad() && step % parts_.lookahead->k == 0) {
    entry.with.slow = entry.slow.data();
    entry.with.pull = Real(parts_.lookahead->alpha);
  }
  if (parts_.parameter_ema) {
    entry.with.average = entry.average.data();
    entry.with.average_rate = first_gradient ? 1 : Real(1 - parts_.parameter_ema->decay);
  }
}

ShadowStep ThreePhase::shadow_step(std::size_t index, const Feeling& feeling) {
  Entry& entry = entries_[index];
  ShadowStep step;
  const bool has_gradient = parameters_[index].has_grad();
  if (has_gradient && parts_.shadow && !entry.has_shadow && (feeling.ratio > 0 || parts_.shadow->begin == "first_step")) {
    entry.has_shadow = true;
    step.action = Action::begin;
  } else if (entry.has_shadow) {
    step.action = Action::move;
    if (has_gradient) {
      step.ratio = Real(feeling.ratio);
      step.keep = Real(1 - feeling.ratio);
      step.follow = Real(parts_.shadow->follow(feeling.scalar, feeling.ratio));
    }
  }
  if (entry.has_shadow) step.shadow = entry.shadow.data();
  return step;
}

std::optional<double> ThreePhase::shadow_distance() const {
  if (std::ranges::none_of(entries_, &Entry::has_shadow)) return std::nullopt;
  double sum = 0;
  for (const Tile& tile : tiles_) sum += tile.distance;
  return std::sqrt(sum);
}

std::vector<StateSlot> ThreePhase::state() const {
  std::vector<StateSlot> out;
  for (const auto& rule : parts_.rules) {
    const std::size_t first = out.size();
    rule->state(out);
    if (parts_.rules.size() > 1) add_prefix(std::string(rule->name()), out, first);
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.has_shadow) out.push_back({"shadow", i, entry.shadow});
    if (entry.slow.defined()) out.push_back({"slow", i, entry.slow});
    if (entry.average.defined()) out.push_back({"average", i, entry.average});
  }
  return out;
}

std::vector<StateNumbers> ThreePhase::numbers() const {
  std::vector<StateNumbers> out;
  if (parts_.emotion) out = numbers_of(parts_.emotion->state());
  for (const auto& rule : parts_.rules) {
    const std::size_t first = out.size();
    rule->numbers(out);
    add_prefix(std::string(rule->name()), out, first);
  }
  return out;
}

void ThreePhase::restore(std::span<const StateSlot> state, std::span<const StateNumbers> numbers) {
  for (const StateSlot& saved : state) {
    if (saved.parameter >= entries_.size()) fail(ErrorKind::data, "{}: there is no parameter number {}", saved.name, saved.parameter);
    // Step 0: what is done in a parameter's first step is behind it.
    if (!entries_[saved.parameter].attached) attach(saved.parameter, 0);
    if (saved.name == "shadow") entries_[saved.parameter].has_shadow = parts_.shadow.has_value();
  }
  const std::vector<StateSlot> ours = this->state();
  if (ours.size() != state.size()) fail(ErrorKind::data, "the optimizer keeps {} state tensors, {} are given", ours.size(), state.size());
  for (const StateSlot& slot : ours) {
    const auto saved =
        std::ranges::find_if(state, [&](const StateSlot& s) { return s.name == slot.name && s.parameter == slot.parameter; });
    if (saved == state.end() || saved->value.shape() != slot.value.shape()) {
      fail(ErrorKind::data, "{} of parameter number {}: missing, or of another shape than {}", slot.name, slot.parameter,
           slot.value.shape().str());
    }
    std::ranges::copy(saved->value.values(), slot.value.data());
  }
  if (numbers.size() != this->numbers().size()) {
    fail(ErrorKind::data, "the optimizer keeps {} groups of numbers, {} are given", this->numbers().size(), numbers.size());
  }
  if (parts_.emotion) parts_.emotion->restore(emotion_from(numbers, parts_.emotion->state().window.size()));
  for (const auto& rule : parts_.rules) {
    std::vector<StateNumbers> wanted;
    rule->numbers(wanted);
    for (StateNumbers& each : wanted) {
      each.values = find_numbers(numbers, std::string(rule->name()) + "/" + each.name, each.values.size());
      rule->restore(each);
    }
  }
}

bool ThreePhase::has_evaluation_weights() const {
  return parts_.parameter_ema || std::ranges::any_of(parts_.rules, [](const auto& rule) { return rule->has_evaluation_weights(); });
}

void ThreePhase::evaluation_weights(std::size_t parameter, Real* out) const {
  const Entry& entry = entries_[parameter];
  std::ranges::copy(entry.average.defined() ? entry.average.values() : parameters_[parameter].values(), out);
  if (!entry.attached || entry.average.defined()) return;
  for (const auto& rule : parts_.rules) {
    if (rule->has_evaluation_weights()) rule->evaluation_weights(parameter, out);
  }
}

}  // namespace emotrain::optim
