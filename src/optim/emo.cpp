#include "emotrain/optim/emo.hpp"

#include <utility>

#include "emotrain/core/error.hpp"
#include "optim/compose.hpp"
#include "optim/edition.hpp"
#include "optim/rules/fact.hpp"
#include "optim/rules/lynx.hpp"
#include "optim/rules/navi.hpp"

namespace emotrain::optim {
namespace {

constexpr const char* stop_histories[] = {"per_step", "per_tensor"};
constexpr Field eps_field{"eps", "added to the denominator", {.min = 0}};

/// Adds the edition's emotion and shadow to a rule, or to several of which `choose` picks one for each step.
std::unique_ptr<Optimizer> compose_emo(const EmoOptions& options, std::vector<Tensor> parameters, std::vector<std::unique_ptr<Rule>> rules,
                                       std::size_t (*choose)(double scalar) = nullptr) {
  const Edition& edition = find_edition(options.edition);
  return std::make_unique<ThreePhase>(std::move(parameters),
                                      Composition{.rules = std::move(rules),
                                                  .choose = choose,
                                                  .emotion = Emotion(edition.scalar),
                                                  .shadow_ratio = options.use_shadow ? edition.shadow_ratio : nullptr,
                                                  .stop_history_per_tensor = options.stop_history == "per_tensor"});
}

}  // namespace

void EmoOptions::fields(FieldVisitor& visitor) {
  visitor.field({"edition", "edition of the reference", {}, edition_names}, edition);
  visitor.field({"lr", "learning rate", {.min = 0}}, lr);
  visitor.field({"betas", "decay rates of the moving averages", {.min = 0, .below = 1}}, betas);
  visitor.field({"weight_decay", "decoupled weight decay", {.min = 0}}, weight_decay);
  visitor.field({"use_shadow", "blend a slow copy into the parameters while the emotion is strong"}, use_shadow);
  visitor.field({"stop_history", "what enters the window of should_stop: a value per step or per tensor", {}, stop_histories},
                stop_history);
}

void EmoNaviOptions::fields(FieldVisitor& visitor) {
  EmoOptions::fields(visitor);
  visitor.field(eps_field, eps);
}

std::unique_ptr<Optimizer> EmoNaviOptions::build(std::vector<Tensor> parameters) const {
  return compose_emo(*this, std::move(parameters), rules(elementwise(Navi{betas, eps, weight_decay})));
}

void EmoFactOptions::fields(FieldVisitor& visitor) {
  EmoOptions::fields(visitor);
  visitor.field(eps_field, eps);
}

std::unique_ptr<Optimizer> EmoFactOptions::build(std::vector<Tensor> parameters) const {
  return compose_emo(*this, std::move(parameters), rules(std::make_unique<Fact>(betas, eps, weight_decay)));
}

void EmoLynxOptions::fields(FieldVisitor& visitor) {
  EmoOptions::fields(visitor);
  visitor.field({.key = "eps", .doc = "accepted for the reference's signature", .range = {.min = 0}, .without_effect = true}, eps);
  visitor.field({"decoupled_weight_decay", "decay by (learning rate of the step) / lr * weight_decay"}, decoupled_weight_decay);
}

void EmoLynxOptions::check() const {
  if (decoupled_weight_decay && lr == 0) {
    fail(ErrorKind::usage, "decoupled_weight_decay: divides by lr, which is 0; give lr > 0 or leave decoupled_weight_decay out");
  }
}

std::unique_ptr<Optimizer> EmoLynxOptions::build(std::vector<Tensor> parameters) const {
  return compose_emo(*this, std::move(parameters),
                     rules(elementwise(Lynx{betas, decoupled_weight_decay ? weight_decay / lr : weight_decay})));
}

void EmoClanOptions::fields(FieldVisitor& visitor) {
  EmoOptions::fields(visitor);
  visitor.field(eps_field, eps);
  visitor.field({"lynx_betas", "betas of the Lynx rule", {.min = 0, .below = 1}}, lynx_betas);
}

std::unique_ptr<Optimizer> EmoClanOptions::build(std::vector<Tensor> parameters) const {
  // In the order of ClanRule.
  return compose_emo(*this, std::move(parameters),
                     rules(elementwise(Navi{betas, eps, weight_decay}), std::make_unique<Fact>(betas, eps, weight_decay),
                           elementwise(Lynx{lynx_betas, weight_decay})),
                     find_edition(edition).clan_rule);
}

}  // namespace emotrain::optim
