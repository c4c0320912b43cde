#pragma once
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// The optimizers once more, written down from their specification as plainly as can be: double loops over doubles, one tensor after the
/// other, whatever that costs. Nothing of the library is used, so that both can only agree where both are right (or misread the same way).
namespace straight {

using Vector = std::vector<double>;
using Betas = std::array<double, 2>;

/// What an `optimizer` object says, with the specification's defaults.
struct Config {
  std::string name;
  std::string edition;
  double lr, weight_decay, eps;
  Betas betas, lynx_betas;
  bool has_emotion, use_shadow, decoupled, per_tensor;
  double loss_scale, loss_offset;
  bool off;
  double momentum, dampening;
  bool nesterov, bias_correction;

  explicit Config(const std::string& text) {
    const nlohmann::json o = nlohmann::json::parse(text);
    name = o.at("name").get<std::string>();
    const bool emo = name.starts_with("emo");
    const nlohmann::json emotion = o.value("emotion", nlohmann::json::object());
    edition = emo ? o.value("edition", "v1") : emotion.value("edition", "v1");
    has_emotion = emo || o.contains("emotion");
    use_shadow = emo ? o.value("use_shadow", edition == "v1" || (edition == "v2" && name != "emoclan")) : o.contains("shadow");
    lr = o.value("lr", 1e-3);
    eps = o.value("eps", 1e-8);
    weight_decay = o.value("weight_decay", name == "sgd" ? 0 : 0.01);
    Betas usual{0.9, 0.999};
    if (name == "emolynx" || name == "emoneco") usual = {0.9, 0.99};
    if (emo && edition == "v3.6") usual = {0.9, 0.995};
    betas = o.value("betas", usual);
    lynx_betas = o.value("lynx_betas", Betas{0.9, 0.99});
    decoupled = o.value("decoupled_weight_decay", false);
    per_tensor = o.value("stop_history", "per_step") == "per_tensor";
    loss_scale = emotion.value("loss_scale", 1.0);
    loss_offset = emotion.value("loss_offset", 0.0);
    off = emotion.value("source", "loss") == "off";
    momentum = o.value("momentum", 0.0);
    dampening = o.value("dampening", 0.0);
    nesterov = o.value("nesterov", false);
    bias_correction = o.value("bias_correction", true);
  }
};

inline double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
inline double softsign(double x) { return x / (1 + std::abs(x)); }

/// Section 1, and the ratio of section 2.
struct Mood {
  double short_ema = 0, medium_ema = 0, long_ema = 0;
  double scalar = 0;
  /// tanh(Dl) of v3.6, and whether s came from Dm instead.
  double by_long = 0;
  bool by_medium = false;
  double trust = 0, drive = 1, ratio = 0;
  bool should_stop = false;
};

struct Emotion {
  Mood mood;
  bool started = false;
  std::deque<double> window;

  /// One step; `tensors` parameters have a gradient in it.
  const Mood& feel(const Config& c, double loss, std::size_t tensors) {
    double x = c.loss_scale * loss + c.loss_offset;
    if (c.off) x = 0;
    if (!started) mood.short_ema = mood.medium_ema = mood.long_ema = x;
    started = true;
    mood.short_ema = 0.3 * x + 0.7 * mood.short_ema;
    mood.medium_ema = 0.05 * x + 0.95 * mood.medium_ema;
    mood.long_ema = 0.01 * x + 0.99 * mood.long_ema;
    if (c.edition == "v3.6") {
      relative();
    } else {
      mood.scalar = std::tanh(5 * (mood.short_ema - mood.long_ema));
    }
    mood.trust = std::copysign(1 - std::abs(mood.scalar), mood.scalar);
    mood.drive = drive(c);
    mood.ratio = c.use_shadow ? ratio(c) : 0;
    const double value = c.name == "emonavi" && c.edition == "v3.6" ? mood.by_long : mood.scalar;
    for (std::size_t i = 0; i < (c.per_tensor ? tensors : 1); ++i) {
      window.push_back(value);
      if (window.size() > 32) window.pop_front();
    }
    if (quiet()) mood.should_stop = true;
    return mood;
  }

 private:
  void relative() {
    const double bl = std::max(mood.long_ema, 1e-5);
    const double bm = std::max(mood.medium_ema, 1e-5);
    const double dl = (mood.long_ema - mood.short_ema) / bl;
    const double dm = (mood.long_ema - mood.short_ema) / bm;
    mood.by_long = std::tanh(dl);
    mood.by_medium = false;
    if (std::abs(dl) < 0.05) {
      mood.scalar = std::tanh(dl);
    } else if (std::abs(dm) * bm < std::abs(dl) * bl) {
      mood.scalar = std::tanh(dm);
      mood.by_medium = true;
    } else {
      mood.scalar = std::tanh(dl);
    }
  }

  double drive(const Config& c) const {
    const double strength = std::abs(mood.scalar);
    if (c.edition == "v1" || c.edition == "v2") return 1;
    if (c.edition == "v3.0") return 1 - strength;
    if (strength > 0.25 && strength < 0.5) return 8 * std::abs(mood.trust) * (1 + 0.1 * mood.trust);
    if (strength > 0.75) return 1 - strength;
    return 1;
  }

  double ratio(const Config& c) const {
    const double s = mood.scalar;
    const double strength = std::abs(s);
    if (c.edition == "v1") {
      if (s > 0.6) return 0.7 + 0.2 * s;
      if (s < -0.6) return 0.1;
      if (strength > 0.3) return 0.3;
      return 0;
    }
    if (c.edition == "v3.6") return strength > 0.625 ? 1 - strength : 0;
    if (strength > 0.6) return 0.6 + (strength - 0.6) / 0.4 * 0.4;
    if (strength > 0.1) return 0.1 + (strength - 0.1) / 0.5 * 0.5;
    return 0;
  }

  /// Section 4. The reference asks once a step, when all values of the step are in the window.
  bool quiet() const {
    if (window.size() < 32) return false;
    double magnitude = 0;
    double mean = 0;
    for (const double x : window) magnitude += std::abs(x) / 32, mean += x / 32;
    double variance = 0;
    for (const double x : window) variance += (x - mean) * (x - mean) / 32;
    return magnitude < 0.05 && variance < 0.005;
  }
};

struct Parameter {
  /// A matrix has two or more axes: the first one, and all others.
  std::size_t rows = 0, columns = 0;
  bool matrix = false;
  double lr_scale = 1;
  std::optional<double> weight_decay = std::nullopt;
  Vector p, g;
  bool has_gradient = true;
  /// RULE/SLOT, and `shadow`.
  std::map<std::string, Vector> state;

  Vector& slot(const std::string& key, std::size_t size) {
    Vector& out = state[key];
    if (out.empty()) out.assign(size, 0);
    return out;
  }
  Vector& slot(const std::string& key) { return slot(key, p.size()); }
};

/// What a step is to a rule.
struct Step {
  double lr, t;
  Mood mood;
};

/// Section 2, in the step of a parameter that has a gradient.
inline void shade(const Config& c, const Mood& mood, Parameter& w) {
  if (!c.use_shadow) return;
  const double r = mood.ratio;
  const bool had_shadow = w.state.contains("shadow");
  if (c.edition == "v3.6") {
    if (!had_shadow) w.state["shadow"] = w.p;
    Vector& shadow = w.state["shadow"];
    for (std::size_t i = 0; i < w.p.size(); ++i) {
      if (r > 0) {
        w.p[i] = w.p[i] * (1 - r) + std::abs(mood.trust) * shadow[i];
      } else {
        shadow[i] = shadow[i] + 0.1 * std::abs(mood.trust) * (w.p[i] - shadow[i]);
      }
    }
    return;
  }
  if (!(r > 0)) return;
  if (!had_shadow) {
    w.state["shadow"] = w.p;
    return;
  }
  Vector& shadow = w.state["shadow"];
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    w.p[i] = w.p[i] * (1 - r) + r * shadow[i];
    shadow[i] = shadow[i] + 0.05 * (w.p[i] - shadow[i]);
  }
}

inline double decay_of(const Config& c, const Parameter& w) { return w.weight_decay.value_or(c.weight_decay); }

inline void subtract_decay(const Config& c, const Step& s, Parameter& w) {
  const double decay = decay_of(c, w);
  const bool as_factor = c.name == "emoclan" && c.edition != "v1";
  for (double& p : w.p) p = as_factor ? p * (1 - s.lr * decay) : p - s.lr * decay * p;
}

/// m / (sqrt(v) + eps).
inline Vector navi_update(const Config& c, Parameter& w, const std::string& rule) {
  Vector& m = w.slot(rule + "/exp_avg");
  Vector& v = w.slot(rule + "/exp_avg_sq");
  Vector u(w.p.size());
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    m[i] = c.betas[0] * m[i] + (1 - c.betas[0]) * w.g[i];
    v[i] = c.betas[1] * v[i] + (1 - c.betas[1]) * (w.g[i] * w.g[i]);
    u[i] = m[i] / (std::sqrt(v[i]) + c.eps);
  }
  return u;
}

inline void navi(const Config& c, const Step& s, Parameter& w) {
  const Vector u = navi_update(c, w, "navi");
  subtract_decay(c, s, w);
  for (std::size_t i = 0; i < w.p.size(); ++i) w.p[i] -= s.lr * s.mood.drive * u[i];
}

/// g / (sqrt(R C) + eps).
inline Vector factored_update(const Config& c, Parameter& w, const std::string& rule) {
  Vector& R = w.slot(rule + "/exp_avg_r", w.rows);
  Vector& C = w.slot(rule + "/exp_avg_c", w.columns);
  Vector rsq(w.rows, 0);
  Vector csq(w.columns, 0);
  for (std::size_t r = 0; r < w.rows; ++r) {
    for (std::size_t k = 0; k < w.columns; ++k) {
      const double g = w.g[r * w.columns + k];
      rsq[r] += g * g / double(w.columns);
      csq[k] += g * g / double(w.rows);
    }
  }
  const double b1 = c.betas[0];
  for (std::size_t r = 0; r < w.rows; ++r) R[r] = b1 * R[r] + (1 - b1) * std::sqrt(rsq[r] + c.eps);
  for (std::size_t k = 0; k < w.columns; ++k) C[k] = b1 * C[k] + (1 - b1) * std::sqrt(csq[k] + c.eps);
  Vector u(w.p.size());
  for (std::size_t r = 0; r < w.rows; ++r) {
    for (std::size_t k = 0; k < w.columns; ++k) u[r * w.columns + k] = w.g[r * w.columns + k] / (std::sqrt(R[r] * C[k]) + c.eps);
  }
  return u;
}

inline void fact(const Config& c, const Step& s, Parameter& w, const std::string& rule = "fact") {
  Vector u;
  if (w.matrix) {
    u = factored_update(c, w, rule);
  } else if (c.edition != "v3.6") {
    u = navi_update(c, w, rule);
  } else {
    Vector& v = w.slot(rule + "/exp_avg_sq");
    for (std::size_t i = 0; i < w.p.size(); ++i) {
      v[i] = c.betas[0] * v[i] + (1 - c.betas[1]) * (w.g[i] * w.g[i]);
      u.push_back(w.g[i] / (std::sqrt(v[i]) + c.eps));
    }
  }
  if (c.edition == "v3.6") {
    for (double& x : u) x = sign(x);
  }
  subtract_decay(c, s, w);
  for (std::size_t i = 0; i < w.p.size(); ++i) w.p[i] -= s.lr * s.mood.drive * u[i];
}

inline void shrink(const Config& c, const Step& s, Parameter& w) {
  const double decay = c.decoupled ? decay_of(c, w) / c.lr : decay_of(c, w);
  for (double& p : w.p) p *= 1 - s.lr * decay;
}

inline void lynx(const Config& c, const Step& s, Parameter& w, const Betas& betas) {
  shrink(c, s, w);
  Vector& m = w.slot("lynx/exp_avg");
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    w.p[i] -= s.lr * s.mood.drive * sign((1 - betas[0]) * w.g[i] + betas[0] * m[i]);
    m[i] = betas[1] * m[i] + (1 - betas[1]) * w.g[i];
  }
}

inline double norm(const Vector& g) {
  double sum = 0;
  for (const double x : g) sum += x * x;
  return std::sqrt(sum);
}

/// As many times the learning rate as one element of Zeal or Neco moves.
inline double zeal_move(double s, double b, double g, double long_step) {
  if (s > 0.3 && s <= 0.5) return softsign(b) * long_step;
  if (s < -0.3) return sign(b) == sign(g) ? sign(b) : 0;
  return softsign(b);
}
inline double neco_move(double s, double b, double g, double long_step) {
  if (s > 0.3 && s <= 0.5) return softsign(b) * long_step;
  if (s < -0.3) return softsign(b);
  return sign(b) == sign(g) ? sign(b) : 0;
}

inline void zeal(const Config& c, const Step& s, Parameter& w) {
  if (w.matrix) {
    const double long_step = norm(w.g) + c.eps;
    for (std::size_t i = 0; i < w.p.size(); ++i) {
      w.p[i] -= s.lr * zeal_move(s.mood.scalar, (1 - c.betas[0]) * w.g[i], w.g[i], long_step);
    }
  }
  fact(c, s, w, "zeal");
}

inline void neco(const Config& c, const Step& s, Parameter& w) {
  shrink(c, s, w);
  Vector& m = w.slot("neco/exp_avg");
  const double long_step = norm(w.g) + c.eps;
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    w.p[i] -= s.lr * neco_move(s.mood.scalar, (1 - c.betas[0]) * w.g[i] + c.betas[0] * m[i], w.g[i], long_step);
    m[i] = c.betas[1] * m[i] + (1 - c.betas[1]) * w.g[i];
  }
}

/// torch.optim.SGD.
inline void sgd(const Config& c, const Step& s, Parameter& w) {
  const bool first = !w.state.contains("sgd/momentum_buffer");
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    double g = w.g[i] + decay_of(c, w) * w.p[i];
    if (c.momentum > 0) {
      double& b = w.slot("sgd/momentum_buffer")[i];
      b = first ? g : c.momentum * b + (1 - c.dampening) * g;
      g = c.nesterov ? g + c.momentum * b : b;
    }
    w.p[i] -= s.lr * s.mood.drive * g;
  }
}

/// torch.optim.AdamW.
inline void adamw(const Config& c, const Step& s, Parameter& w) {
  Vector& m = w.slot("adamw/exp_avg");
  Vector& v = w.slot("adamw/exp_avg_sq");
  const double m_bias = c.bias_correction ? 1 - std::pow(c.betas[0], s.t) : 1;
  const double v_bias = c.bias_correction ? 1 - std::pow(c.betas[1], s.t) : 1;
  for (std::size_t i = 0; i < w.p.size(); ++i) {
    w.p[i] *= 1 - s.lr * decay_of(c, w);
    m[i] = c.betas[0] * m[i] + (1 - c.betas[0]) * w.g[i];
    v[i] = c.betas[1] * v[i] + (1 - c.betas[1]) * (w.g[i] * w.g[i]);
    w.p[i] -= s.lr * s.mood.drive * (m[i] / m_bias) / (std::sqrt(v[i] / v_bias) + c.eps);
  }
}

inline std::string rule_of(const Config& c, double s) {
  if (!c.name.starts_with("emo")) return c.name;
  if (c.name != "emoclan") return c.name.substr(3);
  if (c.edition == "v1") return s > 0.3 ? "lynx" : s < -0.3 ? "fact" : "navi";
  return std::abs(s) > 0.6 ? "lynx" : std::abs(s) > 0.3 ? "fact" : "navi";
}

/// A step of the whole optimizer; returns the name of the rule.
inline std::string update(const Config& c, const Step& step, std::vector<Parameter>& parameters) {
  const std::string rule = rule_of(c, step.mood.scalar);
  for (Parameter& w : parameters) {
    if (!w.has_gradient) continue;
    shade(c, step.mood, w);
    Step s = step;
    s.lr *= w.lr_scale;
    if (rule == "navi") navi(c, s, w);
    if (rule == "fact") fact(c, s, w);
    if (rule == "lynx") lynx(c, s, w, c.name == "emoclan" ? c.lynx_betas : c.betas);
    if (rule == "zeal") zeal(c, s, w);
    if (rule == "neco") neco(c, s, w);
    if (rule == "sgd") sgd(c, s, w);
    if (rule == "adamw") adamw(c, s, w);
  }
  return rule;
}

}  // namespace straight
