#include "emotrain/optim/emo.hpp"

#include <cmath>
#include <utility>

#include "emotrain/core/error.hpp"
#include "emotrain/optim/rules/fact.hpp"
#include "emotrain/optim/rules/lynx.hpp"
#include "emotrain/optim/rules/navi.hpp"
#include "emotrain/optim/rules/neco.hpp"

namespace emotrain::optim {
namespace {

constexpr const char* stop_histories[] = {"per_step", "per_tensor"};
constexpr const char* choices[] = {"by_sign", "by_strength"};
constexpr Field idle_eps_field{.key = "eps", .doc = "accepted for the reference's signature", .range = {.min = 0}, .without_effect = true};

/// The rules of EmoClan, in the order in which it holds them.
enum ClanRule : std::size_t { clan_navi, clan_fact, clan_lynx };

void zone_fields(FieldVisitor& visitor, Zones& zones) {
  visitor.field({"tension", "the scalars of tension: above the first, up to the second", {.min = 0, .max = 1}}, zones.tension);
  visitor.field({"relief", "relief is below minus this", {.min = 0, .max = 1}}, zones.relief);
}

}  // namespace

void EmoOptions::use_edition(std::string_view name) {
  emotion.initial.use_edition(name);
  emotion.initial.lists_stop_history = false;
  emotion.value = emotion.initial;
  shadow.initial.use_edition(name);
  shadow.reset();
  edition = name;
  betas = name == "v3.6" ? std::array{0.9, 0.995} : std::array{0.9, 0.999};
  switch_shadow(name == "v1" || name == "v2");
}

void EmoOptions::switch_shadow(bool on) {
  use_shadow = on;
  if (on) {
    shadow.emplace();
  } else {
    shadow.reset();
  }
}

void EmoOptions::emo_fields(FieldVisitor& visitor, std::span<const char* const> editions, const Field& eps_as) {
  const std::string before = edition;
  visitor.field({"edition", "edition of the reference; sets the defaults of the keys below", {}, editions}, edition);
  if (edition != before) use_edition(edition);
  OptimizerOptions::fields(visitor);
  visitor.field(betas_field, betas);
  visitor.field(eps_as, eps);
  visitor.field(weight_decay_field, weight_decay);
  if (!emotion) return;
  visitor.field({"stop_history", "what enters the window of should_stop: a value per step or per tensor", {}, stop_histories},
                emotion->stop_history);
}

void EmoOptions::emo_part_fields(FieldVisitor& visitor) {
  part_fields(visitor);
  use_shadow = static_cast<bool>(shadow);
  visitor.field({"use_shadow", "false: no shadow, whatever the group says; true: one, by the edition's numbers if there is no group"},
                use_shadow);
  switch_shadow(use_shadow);
}

void EmoOptions::check() const {
  if (!emotion && shadow) {
    fail(ErrorKind::usage,
         "emotion: is null, but it is the emotion that blends the shadow; add \"use_shadow\": false to be without both, or remove emotion "
         "to "
         "have the edition's");
  }
  OptimizerOptions::check();
}

void EmoNaviOptions::use_edition(std::string_view name) {
  EmoOptions::use_edition(name);
  if (name == "v3.6") emotion.initial.stop_value = emotion->stop_value = "long";
}

void EmoNaviOptions::fields(FieldVisitor& visitor) {
  emo_fields(visitor, edition_names(), eps_field);
  emo_part_fields(visitor);
}

std::unique_ptr<Rule> EmoNaviOptions::rule() const { return elementwise(Navi{.betas = betas, .eps = eps, .weight_decay = weight_decay}); }

void EmoFactOptions::fields(FieldVisitor& visitor) {
  emo_fields(visitor, edition_names(), eps_field);
  emo_part_fields(visitor);
}

std::unique_ptr<Rule> EmoFactOptions::rule() const {
  if (edition == "v3.6") return std::make_unique<FactSign>(FactSignVector{{betas, eps, weight_decay}});
  return std::make_unique<Fact>(FactVector{betas, eps, weight_decay});
}

void EmoLynxOptions::use_edition(std::string_view name) {
  EmoOptions::use_edition(name);
  if (name != "v3.6") betas = {0.9, 0.99};
}

void EmoLynxOptions::fields(FieldVisitor& visitor) {
  emo_fields(visitor, edition_names(), idle_eps_field);
  visitor.field({"decoupled_weight_decay", "decay by (learning rate of the step) / lr * weight_decay"}, decoupled_weight_decay);
  emo_part_fields(visitor);
}

void EmoLynxOptions::check() const {
  EmoOptions::check();
  if (decoupled_weight_decay && lr == 0) {
    fail(ErrorKind::usage, "decoupled_weight_decay: divides by lr, which is 0; give lr > 0 or leave decoupled_weight_decay out");
  }
}

std::unique_ptr<Rule> EmoLynxOptions::rule() const {
  return elementwise(Lynx{.betas = betas, .weight_decay = weight_decay, .decay_divisor = decoupled_weight_decay ? lr : 1});
}

void EmoClanOptions::use_edition(std::string_view name) {
  EmoOptions::use_edition(name);
  if (name == "v2") switch_shadow(false);
  choice = name == "v1" ? "by_sign" : "by_strength";
  lynx_above = name == "v1" ? 0.3 : 0.6;
  fact_above = 0.3;
}

void EmoClanOptions::fields(FieldVisitor& visitor) {
  emo_fields(visitor, edition_names().first(3), eps_field);
  visitor.field({"lynx_betas", "betas of the Lynx rule", beta_range}, lynx_betas);
  visitor.field({"choice", "whether the scalar's sign or its strength alone picks the rule", {}, choices}, choice);
  visitor.field({"lynx_above", "s, or |s|, from which it is Lynx", {.min = 0, .max = 1}}, lynx_above);
  visitor.field({"fact_above", "-s, or |s|, from which it is Fact", {.min = 0, .max = 1}}, fact_above);
  emo_part_fields(visitor);
}

std::unique_ptr<Rule> EmoClanOptions::rule() const {
  return elementwise(Navi{.betas = betas, .eps = eps, .weight_decay = weight_decay, .decay_as_factor = edition != "v1"});
}

std::vector<std::unique_ptr<Rule>> EmoClanOptions::rules() const {
  // In the order of ClanRule.
  std::vector<std::unique_ptr<Rule>> out;
  out.push_back(rule());
  out.push_back(std::make_unique<Fact>(FactVector{betas, eps, weight_decay}));
  out.push_back(elementwise(Lynx{.betas = lynx_betas, .weight_decay = weight_decay}));
  return out;
}

std::function<std::size_t(double scalar)> EmoClanOptions::chooser() const {
  const bool by_sign = choice == "by_sign";
  return [by_sign, lynx = lynx_above, fact = fact_above](double s) -> std::size_t {
    if ((by_sign ? s : std::abs(s)) > lynx) return clan_lynx;
    if ((by_sign ? -s : std::abs(s)) > fact) return clan_fact;
    return clan_navi;
  };
}

void EmoZealOptions::fields(FieldVisitor& visitor) {
  emo_fields(visitor, edition_names().first(1), eps_field);
  zone_fields(visitor, zones);
  emo_part_fields(visitor);
}

std::unique_ptr<Rule> EmoZealOptions::rule() const { return std::make_unique<Zeal>(ZealVector{{betas, eps, weight_decay}, zones}); }

void EmoNecoOptions::use_edition(std::string_view name) {
  EmoOptions::use_edition(name);
  betas = {0.9, 0.99};
}

void EmoNecoOptions::fields(FieldVisitor& visitor) {
  emo_fields(visitor, edition_names().first(1), eps_field);
  zone_fields(visitor, zones);
  emo_part_fields(visitor);
}

std::unique_ptr<Rule> EmoNecoOptions::rule() const { return elementwise(Neco{{.betas = betas, .weight_decay = weight_decay}, eps, zones}); }

}  // namespace emotrain::optim
