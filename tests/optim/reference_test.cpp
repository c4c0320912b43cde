#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "cases.hpp"

using namespace emotrain;
using nlohmann::json;

/// The optimizers once more, as plainly as can be and in float64, against the library on tensors of awkward sizes.
namespace {

using Vector = std::vector<double>;

struct Step {
  double lr, t, scalar, ratio;
};

struct Config {
  explicit Config(const std::string& text) : object(json::parse(text)), name(object.at("name").get<std::string>()) {}
  double number(const char* key, double otherwise) const { return object.value(key, otherwise); }
  std::array<double, 2> pair(const char* key, std::array<double, 2> otherwise) const { return object.value(key, otherwise); }
  bool flag(const char* key, bool otherwise) const { return object.value(key, otherwise); }

  json object;
  std::string name;
};

struct Parameter {
  std::size_t rows = 0, columns = 0;
  bool matrix = false;
  Vector p, g;
  std::map<std::string, Vector> state;

  Vector& slot(const char* key) {
    Vector& out = state[key];
    if (out.empty()) out.assign(p.size(), 0);
    return out;
  }
};

using Betas = std::array<double, 2>;

void sgd(const Config& c, const Step& s, Parameter& w) {
  const double mu = c.number("momentum", 0);
  const bool first = !w.state.contains("momentum_buffer");
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    double g = w.g[i] + c.number("weight_decay", 0) * w.p[i];
    if (mu > 0) {
      double& b = w.slot("momentum_buffer")[i];
      b = first ? g : mu * b + (1 - c.number("dampening", 0)) * g;
      g = c.flag("nesterov", false) ? g + mu * b : b;
    }
    w.p[i] -= s.lr * g;
  }
}

void adamw(const Config& c, const Step& s, Parameter& w) {
  const auto [b1, b2] = c.pair("betas", {0.9, 0.999});
  Vector& m = w.slot("exp_avg");
  Vector& v = w.slot("exp_avg_sq");
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    w.p[i] *= 1 - s.lr * c.number("weight_decay", 0.01);
    m[i] = b1 * m[i] + (1 - b1) * w.g[i];
    v[i] = b2 * v[i] + (1 - b2) * w.g[i] * w.g[i];
    w.p[i] -= s.lr * (m[i] / (1 - std::pow(b1, s.t))) / (std::sqrt(v[i] / (1 - std::pow(b2, s.t))) + c.number("eps", 1e-8));
  }
}

void navi(const Config& c, const Step& s, Parameter& w, const char* m_key, const char* v_key) {
  const auto [b1, b2] = c.pair("betas", {0.9, 0.999});
  Vector& m = w.slot(m_key);
  Vector& v = w.slot(v_key);
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    m[i] = b1 * m[i] + (1 - b1) * w.g[i];
    v[i] = b2 * v[i] + (1 - b2) * w.g[i] * w.g[i];
    w.p[i] -= s.lr * c.number("weight_decay", 0.01) * w.p[i];
    w.p[i] -= s.lr * m[i] / (std::sqrt(v[i]) + c.number("eps", 1e-8));
  }
}

void fact(const Config& c, const Step& s, Parameter& w) {
  if (!w.matrix) return navi(c, s, w, "fact/exp_avg", "fact/exp_avg_sq");
  const double b1 = c.pair("betas", {0.9, 0.999})[0];
  const double eps = c.number("eps", 1e-8);
  Vector rsq(w.rows, 0);
  Vector csq(w.columns, 0);
  for (std::size_t r = 0; r < w.rows; ++r) {
    for (std::size_t k = 0; k < w.columns; ++k) {
      const double g = w.g[r * w.columns + k];
      rsq[r] += g * g / double(w.columns);
      csq[k] += g * g / double(w.rows);
    }
  }
  Vector& R = w.state["fact/exp_avg_r"];
  Vector& C = w.state["fact/exp_avg_c"];
  R.resize(w.rows, 0);
  C.resize(w.columns, 0);
  for (std::size_t r = 0; r < w.rows; ++r) R[r] = b1 * R[r] + (1 - b1) * std::sqrt(rsq[r] + eps);
  for (std::size_t k = 0; k < w.columns; ++k) C[k] = b1 * C[k] + (1 - b1) * std::sqrt(csq[k] + eps);
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    const double u = w.g[i] / (std::sqrt(R[i / w.columns] * C[i % w.columns]) + eps);
    w.p[i] -= s.lr * c.number("weight_decay", 0.01) * w.p[i];
    w.p[i] -= s.lr * u;
  }
}

void lynx(const Config& c, const Step& s, Parameter& w, Betas betas) {
  double decay = c.number("weight_decay", 0.01);
  if (c.flag("decoupled_weight_decay", false)) decay /= c.number("lr", 0);
  Vector& m = w.slot("lynx/exp_avg");
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    w.p[i] *= 1 - s.lr * decay;
    const double x = (1 - betas[0]) * w.g[i] + betas[0] * m[i];
    w.p[i] -= s.lr * (x > 0 ? 1 : x < 0 ? -1 : 0);
    m[i] = betas[1] * m[i] + (1 - betas[1]) * w.g[i];
  }
}

void shade(const Step& s, Parameter& w) {
  if (s.ratio == 0) return;
  if (!w.state.contains("shadow")) {
    w.state["shadow"] = w.p;
    return;
  }
  Vector& shadow = w.state["shadow"];
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    w.p[i] = w.p[i] * (1 - s.ratio) + s.ratio * shadow[i];
    shadow[i] += 0.05 * (w.p[i] - shadow[i]);
  }
}

/// Returns the name of the rule.
std::string update(const Config& c, const Step& s, Parameter& w) {
  if (c.name == "sgd") return sgd(c, s, w), "sgd";
  if (c.name == "adamw") return adamw(c, s, w), "adamw";
  shade(s, w);
  if (c.name == "emonavi") return navi(c, s, w, "navi/exp_avg", "navi/exp_avg_sq"), "navi";
  if (c.name == "emofact") return fact(c, s, w), "fact";
  if (c.name == "emolynx") return lynx(c, s, w, c.pair("betas", {0.9, 0.99})), "lynx";
  REQUIRE(c.name == "emoclan");
  if (s.scalar > 0.3) return lynx(c, s, w, c.pair("lynx_betas", {0.9, 0.99})), "lynx";
  if (s.scalar < -0.3) return fact(c, s, w), "fact";
  return navi(c, s, w, "navi/exp_avg", "navi/exp_avg_sq"), "navi";
}

struct Averages {
  std::optional<double> small, large;

  Step follow(const Config& c, double loss, double lr, double t) {
    small = 0.3 * loss + 0.7 * small.value_or(loss);
    large = 0.01 * loss + 0.99 * large.value_or(loss);
    const double s = std::tanh(5 * (*small - *large));
    double ratio = s > 0.6 ? 0.7 + 0.2 * s : s < -0.6 ? 0.1 : std::abs(s) > 0.3 ? 0.3 : 0;
    if (!c.flag("use_shadow", true)) ratio = 0;
    return {lr, t, s, ratio};
  }
};

constexpr double tolerance = sizeof(Real) == sizeof(float) ? 3e-6 : 1e-12;

void check_close(const Real* ours, const Vector& golden) {
  double worst = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < golden.size(); ++i) {
    const double error = std::abs(double(ours[i]) - golden[i]) / std::max(1.0, std::abs(golden[i]));
    if (!(error <= worst)) worst = error, at = i;
  }
  CAPTURE(at);
  CHECK(worst <= tolerance);
}

void check_distance(const std::optional<double>& reported, const std::vector<Parameter>& golden) {
  bool any = false;
  double sum = 0;
  for (const Parameter& parameter : golden) {
    if (!parameter.state.contains("shadow")) continue;
    any = true;
    const Vector& shadow = parameter.state.at("shadow");
    for (std::size_t i = 0; i < shadow.size(); ++i) sum += std::pow(parameter.p[i] - shadow[i], 2);
  }
  REQUIRE(reported.has_value() == any);
  // In the first step with a shadow the distance is one update, which float32 parameters hold to 4 digits or so.
  if (any) CHECK(*reported == doctest::Approx(std::sqrt(sum)).epsilon(100 * tolerance));
}

const std::vector<Shape> awkward_shapes = {Shape{},         {1},         {3},       {17},      {16385},    {1000, 7},  {1, 1}, {3, 5, 2, 2},
                                           {2, 1, 3, 1, 2}, {257, 3, 3}, {3, 4099}, {1, 9000}, {600, 130}, {33000, 2}, {0, 3}};

void check_state(const Training& ours, const std::vector<Parameter>& golden, bool clan) {
  std::size_t expected = 0;
  for (const Parameter& parameter : golden) {
    if (!parameter.p.empty()) expected += parameter.state.size();
  }
  std::size_t found = 0;
  for (const optim::StateSlot& slot : ours.optimizer->state()) {
    CAPTURE(slot.name);
    CAPTURE(slot.parameter);
    for (const auto& [key, value] : golden[slot.parameter].state) {
      if (golden[slot.parameter].p.empty() || slot.name != (clan ? key : key.substr(key.find('/') + 1))) continue;
      ++found;
      REQUIRE(slot.value.size() == static_cast<Index>(value.size()));
      check_close(slot.value.data(), value);
    }
  }
  CHECK(found == expected);
}

void check_optimizer(const std::string& text) {
  CAPTURE(text);
  const Config config(text);
  Training ours(text, awkward_shapes);
  std::vector<Parameter> golden(awkward_shapes.size());
  for (std::size_t i = 0; i < golden.size(); ++i) {
    const Shape& shape = awkward_shapes[i];
    golden[i].matrix = shape.rank() >= 2;
    if (golden[i].matrix) golden[i].rows = std::size_t(shape[0]), golden[i].columns = std::size_t(shape.size(1, shape.rank()));
    golden[i].p.assign(ours.parameters[i].values().begin(), ours.parameters[i].values().end());
  }
  Averages averages;
  for (std::size_t t = 0; t < scripted_losses.size(); ++t) {
    CAPTURE(t);
    // The (1000, 7) one has no gradient at first, nor in the eighth step.
    const bool left_out = t < 5 || t == 7;
    ours.draw_gradients(left_out ? 5 : -1);
    const Step step = averages.follow(config, scripted_losses[t], ours.lr / double(t + 1), double(t + 1));
    const optim::StepReport report = ours.step(scripted_losses[t]);
    for (std::size_t i = 0; i < golden.size(); ++i) {
      CAPTURE(i);
      if (!(left_out && i == 5)) {
        golden[i].g.assign(ours.parameters[i].grad().begin(), ours.parameters[i].grad().end());
        CHECK(report.rule == update(config, step, golden[i]));
      }
      check_close(ours.parameters[i].data(), golden[i].p);
    }
    check_distance(report.shadow_distance, golden);
  }
  check_state(ours, golden, config.name == "emoclan");
}

}  // namespace

TEST_CASE("every rule agrees with a plain float64 version of it") {
  for (const std::string& config : std::span(optimizer_configs).first(10)) check_optimizer(config);
}

TEST_CASE("the scripted losses lead through every zone and every rule") {
  Training training(R"({"name": "emoclan"})", {{2, 2}});
  std::set<std::string> rules;
  std::set<double> ratios;
  for (const double loss : scripted_losses) {
    training.draw_gradients();
    const optim::StepReport report = training.step(loss);
    rules.emplace(report.rule);
    ratios.insert(std::round(report.emotion->ratio * 10) / 10);
  }
  CHECK(rules == std::set<std::string>{"navi", "fact", "lynx"});
  CHECK(ratios == std::set<double>{0, 0.1, 0.3, 0.9});
}
