#include "train/step_details.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace emotrain::train {
namespace {

constexpr Index most_dimensions = 4;

std::string layer_name(const std::string& parameter) {
  const std::size_t dot = parameter.rfind('.');
  return dot == std::string::npos ? parameter : parameter.substr(0, dot);
}

/// Independent chains of additions, so that their latency is hidden.
constexpr std::size_t chains = 16;

template <class Term>
double sum(std::size_t size, Term&& term) {
  double sums[chains] = {};
  std::size_t i = 0;
  for (; i + chains <= size; i += chains) {
    for (std::size_t chain = 0; chain < chains; ++chain) sums[chain] += term(i + chain);
  }
  for (; i < size; ++i) sums[0] += term(i);
  return std::accumulate(std::begin(sums), std::end(sums), 0.0);
}

double squared_norm(std::span<const Real> values) {
  return sum(values.size(), [x = values.data()](std::size_t i) { return double{x[i]} * double{x[i]}; });
}

double squared_distance(std::span<const Real> a, std::span<const Real> b) {
  return sum(a.size(), [x = a.data(), y = b.data()](std::size_t i) {
    const double difference = double{x[i]} - double{y[i]};
    return difference * difference;
  });
}

}  // namespace

StepDetails::StepDetails(const std::vector<nn::NamedTensor>& parameters, const optim::Optimizer& optimizer, std::optional<Index> interval)
    : optimizer_(optimizer), interval_(interval) {
  Index dimensions = 0;
  for (const nn::NamedTensor& parameter : parameters) {
    parameters_.push_back(parameter.value);
    dimensions += parameter.value.size();
    const std::string name = layer_name(parameter.name);
    const auto found = std::ranges::find(names_, name);
    layer_of_.push_back(static_cast<std::size_t>(found - names_.begin()));
    if (found == names_.end()) names_.push_back(name);
    if (interval_ != Index{0}) kept_.emplace_back(static_cast<std::size_t>(parameter.value.size()));
  }
  for (const std::string& name : names_) layers_.push_back({.name = name});
  if (dimensions > most_dimensions) return;
  point_.resize(static_cast<std::size_t>(dimensions));
  shadow_point_.resize(point_.size());
}

void StepDetails::before(Index step) {
  if (!is_due(step)) return;
  for (std::size_t i = 0; i < kept_.size(); ++i) std::ranges::copy(parameters_[i].values(), kept_[i].begin());
}

void StepDetails::after(report::StepRecord& record) {
  if (!point_.empty()) locate(record);
  if (is_due(record.step)) measure_layers(record);
}

void StepDetails::measure_layers(report::StepRecord& record) {
  for (std::size_t i = 0; i < layers_.size(); ++i) layers_[i] = {.name = names_[i]};
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    report::LayerRecord& layer = layers_[layer_of_[i]];
    const std::span<const Real> values = parameters_[i].values();
    layer.norm += squared_norm(values);
    layer.moved += squared_distance(values, kept_[i]);
    const std::span<const Real> shadow = optimizer_.shadow(i);
    if (!shadow.empty()) layer.shadow_distance = layer.shadow_distance.value_or(0) + squared_distance(values, shadow);
  }
  double moved = 0;
  for (report::LayerRecord& layer : layers_) {
    moved += layer.moved;
    layer.norm = std::sqrt(layer.norm);
    layer.moved = std::sqrt(layer.moved);
    if (layer.shadow_distance) layer.shadow_distance = std::sqrt(*layer.shadow_distance);
  }
  record.moved = std::sqrt(moved);
  record.layers = layers_;
}

void StepDetails::locate(report::StepRecord& record) {
  std::size_t at = 0;
  bool has_shadow = true;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::span<const Real> values = parameters_[i].values();
    const std::span<const Real> shadow = optimizer_.shadow(i);
    has_shadow = has_shadow && !shadow.empty();
    std::ranges::copy(values, point_.begin() + static_cast<std::ptrdiff_t>(at));
    std::ranges::copy(shadow, shadow_point_.begin() + static_cast<std::ptrdiff_t>(at));
    at += values.size();
  }
  record.point = point_;
  if (has_shadow) record.shadow_point = shadow_point_;
}

}  // namespace emotrain::train
