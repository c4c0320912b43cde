#include "optim/three_phase.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace emotrain::optim {

using Action = ShadowStep::Action;

ThreePhase::ThreePhase(std::vector<Tensor> parameters, Composition composition) : parts_(std::move(composition)) {
  for (Tensor& parameter : parameters) {
    for (Index first = 0; first < parameter.size(); first += tile_size) {
      tiles_.push_back({entries_.size(), first, std::min(tile_size, parameter.size() - first), 0});
    }
    entries_.push_back({.parameter = std::move(parameter), .shadow = {}, .shadow_step = {}});
  }
}

StepReport ThreePhase::step(const StepContext& context) {
  StepReport report;
  Feeling feeling;
  if (parts_.emotion) {
    feeling = parts_.emotion->feel(context.loss, parts_.stop_history_per_tensor ? count_gradients() : 1);
    if (parts_.shadow_ratio != nullptr) feeling.ratio = parts_.shadow_ratio(feeling.scalar);
    report.emotion = feeling;
  }
  Rule& rule = *parts_.rules[parts_.choose != nullptr ? parts_.choose(feeling.scalar) : 0];
  report.rule = rule.name();

  Index elements = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    const bool first_gradient = entry.parameter.has_grad() && !std::exchange(entry.attached, true);
    if (first_gradient && parts_.shadow_ratio != nullptr) entry.shadow = Tensor::empty(entry.parameter.shape());
    begin_shadow(entry, feeling.ratio);
    if (entry.parameter.has_grad()) elements += entry.parameter.size();
    if (!first_gradient) continue;
    for (const auto& each : parts_.rules) each->attach(i, entry.parameter, context.step);
  }
  rule.begin_step(context, feeling.drive);
  rule.prepare();
  run_tasks(static_cast<Index>(tiles_.size()), elements, [&](Index t) {
    Tile& tile = tiles_[static_cast<std::size_t>(t)];
    const Entry& entry = entries_[tile.entry];
    if (entry.parameter.has_grad()) {
      tile.distance = rule.apply(tile.entry, tile.first, tile.count, entry.shadow_step);
    } else if (entry.has_shadow) {
      tile.distance = sum_of_squares(tile.count, entry.parameter.data() + tile.first, entry.shadow.data() + tile.first);
    }
  });
  report.shadow_distance = shadow_distance();
  return report;
}

Index ThreePhase::count_gradients() const {
  return std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.parameter.has_grad(); });
}

void ThreePhase::begin_shadow(Entry& entry, double ratio) {
  Action action = entry.has_shadow ? Action::watch : Action::none;
  if (ratio > 0 && entry.parameter.has_grad()) action = std::exchange(entry.has_shadow, true) ? Action::blend : Action::begin;
  entry.shadow_step = {
      .action = action, .shadow = entry.has_shadow ? entry.shadow.data() : nullptr, .ratio = Real(ratio), .keep = Real(1 - ratio)};
}

std::optional<double> ThreePhase::shadow_distance() const {
  if (std::none_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.has_shadow; })) return std::nullopt;
  double sum = 0;
  for (const Tile& tile : tiles_) sum += tile.distance;
  return std::sqrt(sum);
}

std::vector<StateSlot> ThreePhase::state() const {
  std::vector<StateSlot> out;
  for (const auto& rule : parts_.rules) {
    const std::size_t first = out.size();
    rule->state(out);
    if (parts_.rules.size() == 1) continue;
    for (std::size_t i = first; i < out.size(); ++i) out[i].name = std::string(rule->name()) + "/" + out[i].name;
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].has_shadow) out.push_back({"shadow", i, entries_[i].shadow});
  }
  return out;
}

}  // namespace emotrain::optim
