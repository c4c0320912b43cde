#pragma once
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "emotrain/core/tensor.hpp"
#include "json_options.hpp"
#include "straight_line.hpp"

/// One optimizer of the library and its straight-line version, on the same losses and gradients.

/// 1000 losses that lead through every zone of every edition: a descent, spikes of growing height, an oscillation, a near-constant stretch
/// that raises should_stop, a fall to almost nothing, a climb, and a rough end.
inline std::vector<double> long_script() {
  const double heights[] = {0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.5, 5.0};
  std::vector<double> losses;
  for (int i = 0; i < 1000; ++i) {
    const double wobble = 0.05 * std::sin(1.7 * i);
    double loss = 2.5 - 1.2 * std::cos(i / 9.0) * std::sin(i / 23.0) + 3 * wobble;
    if (i < 900) loss = 0.05 * (i - 830);
    if (i < 830) loss = 0.002 * (1 + 0.5 * std::sin(i));
    if (i < 750) loss = 0.86 + 0.004 * std::sin(2.3 * i);
    if (i < 450) loss = 0.8 + 0.6 * std::sin(i / 6.0);
    if (i < 330) loss = 0.5 + wobble + ((i - 150) % 20 < 2 ? heights[std::max(0, i - 150) / 20] : 0);
    if (i < 150) loss = 0.4 + 2.6 * std::exp(-i / 40.0) + wobble;
    losses.push_back(loss);
  }
  return losses;
}

/// The largest |ours - plain| / max(1, |plain|), and the step in which it was seen.
struct Deviation {
  double worst = 0;
  emotrain::Index step = 0;

  void add(double ours, double plain, emotrain::Index at) {
    const double error = std::abs(ours - plain) / std::max(1.0, std::abs(plain));
    if (error <= worst) return;
    worst = std::isnan(error) ? HUGE_VAL : error;
    step = at;
  }
};

/// Numbers in [-1, 1) without a pattern; element `at` of an endless sequence.
inline double noise(std::uint64_t at) {
  static const std::vector<double> numbers = [] {
    std::vector<double> out;
    std::uint64_t bits = 1;
    for (int i = 0; i < 65521; ++i) {
      bits = bits * 6364136223846793005u + 1442695040888963407u;
      out.push_back(std::ldexp(double(bits >> 11), -52) - 1);
    }
    return out;
  }();
  return numbers[at % numbers.size()];
}

struct Twin {
  straight::Config config;
  straight::Emotion emotion;
  std::vector<straight::Parameter> plain;
  std::vector<emotrain::Tensor> parameters;
  std::unique_ptr<emotrain::optim::Optimizer> optimizer;
  emotrain::Index steps = 0;
  Deviation feelings, tensors, distances;
  /// Which rules were in force.
  std::set<std::string> rules;

  /// The parameters are called "0", "1", ...
  Twin(const std::string& text, const std::vector<emotrain::Shape>& shapes) : config(text) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const emotrain::Shape& shape = shapes[i];
      names.push_back(std::to_string(i));
      parameters.push_back(emotrain::Tensor::empty(shape).set_requires_grad(true));
      straight::Parameter& w = plain.emplace_back();
      w.matrix = shape.rank() >= 2;
      if (w.matrix) w.rows = std::size_t(shape[0]), w.columns = std::size_t(shape.size(1, shape.rank()));
      for (emotrain::Index k = 0; k < shape.size(); ++k) {
        parameters[i].data()[k] = emotrain::Real(1.5 * noise(std::uint64_t(k) + 977 * i));
        w.p.push_back(double(parameters[i].data()[k]));
      }
      w.g.resize(w.p.size());
    }
    optimizer = options_from(nlohmann::json::parse(text))->build(parameters, {.names = names});
  }

  /// A noisy quadratic's, at the plain version's parameters; `with(i)` tells whether parameter i has one. Every 101st element's is always
  /// 0.
  template <class With>
  void draw_gradients(With with) {
    for (std::size_t i = 0; i < plain.size(); ++i) {
      straight::Parameter& w = plain[i];
      parameters[i].clear_grad();
      w.has_gradient = with(i);
      if (!w.has_gradient) continue;
      emotrain::Real* g = parameters[i].grad_sink().data;
      const std::uint64_t offset = 7919 * i + 10007 * std::uint64_t(steps);
      for (std::size_t k = 0; k < w.p.size(); ++k) {
        g[k] = k % 101 == 100 ? 0 : emotrain::Real(0.5 * (w.p[k] - 0.3) + noise(offset + k));
        w.g[k] = double(g[k]);
      }
    }
  }

  /// One step of both, with another learning rate each time; the emotions are compared.
  void step(double loss) {
    ++steps;
    const double lr = config.lr * (0.3 + 0.7 / (1 + double(steps % 13)));
    std::size_t with_gradient = 0;
    for (const straight::Parameter& w : plain) with_gradient += w.has_gradient;
    straight::Mood mood;
    if (config.has_emotion) mood = emotion.feel(config, loss, with_gradient);
    const std::string rule = straight::update(config, {.lr = lr, .t = double(steps), .mood = mood}, plain);
    const emotrain::optim::StepReport report = optimizer->step({.step = steps, .loss = loss, .lr = lr});
    rules.insert(rule);
    CAPTURE(steps);
    if (rule != report.rule) CHECK(report.rule == rule);
    REQUIRE(report.emotion.has_value() == config.has_emotion);
    shadow_distance_ = report.shadow_distance;
    if (!config.has_emotion) return;
    feelings.add(report.emotion->ema_short, mood.short_ema, steps);
    feelings.add(report.emotion->ema_long, mood.long_ema, steps);
    if (config.edition == "v3.6") feelings.add(report.emotion->ema_medium, mood.medium_ema, steps);
    feelings.add(report.emotion->scalar, mood.scalar, steps);
    feelings.add(report.emotion->ratio, mood.ratio, steps);
    feelings.add(report.emotion->drive, mood.drive, steps);
    if (report.emotion->should_stop != mood.should_stop) CHECK(report.emotion->should_stop == mood.should_stop);
  }

  /// Compares parameters, shadows, states, and the distance from the shadow.
  void compare() {
    CAPTURE(steps);
    for (std::size_t i = 0; i < plain.size(); ++i) compare(parameters[i], plain[i].p);
    std::size_t expected = 0;
    for (const straight::Parameter& w : plain) {
      if (!w.p.empty()) expected += w.state.size();
    }
    for (const emotrain::optim::StateSlot& slot : optimizer->state()) {
      const straight::Parameter& w = plain[slot.parameter];
      if (w.p.empty()) continue;
      const straight::Vector* value = find(w, slot.name);
      if (value == nullptr) {
        // Clan's rules have state before they are first in force.
        CAPTURE(slot.name);
        CHECK(config.name == "emoclan");
        CHECK(std::ranges::all_of(slot.value.values(), [](emotrain::Real x) { return x == 0; }));
        continue;
      }
      --expected;
      compare(slot.value, *value);
    }
    CHECK(expected == 0);
    compare_distance();
  }

 private:
  void compare(const emotrain::Tensor& ours, const straight::Vector& theirs) {
    REQUIRE(ours.size() == emotrain::Index(theirs.size()));
    for (std::size_t k = 0; k < theirs.size(); ++k) tensors.add(double(ours.data()[k]), theirs[k], steps);
  }

  const straight::Vector* find(const straight::Parameter& w, const std::string& name) const {
    for (const auto& [key, value] : w.state) {
      if (name == (config.name == "emoclan" ? key : key.substr(key.find('/') + 1))) return &value;
    }
    return nullptr;
  }

  void compare_distance() {
    double sum = 0;
    bool any = false;
    for (const straight::Parameter& w : plain) {
      const auto shadow = w.state.find("shadow");
      if (shadow == w.state.end()) continue;
      any = true;
      for (std::size_t k = 0; k < w.p.size(); ++k) sum += (w.p[k] - shadow->second[k]) * (w.p[k] - shadow->second[k]);
    }
    REQUIRE(shadow_distance_.has_value() == any);
    if (any) distances.add(*shadow_distance_, std::sqrt(sum), steps);
  }

  std::optional<double> shadow_distance_;
};
