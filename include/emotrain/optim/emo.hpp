#pragma once
#include <array>
#include <string>
#include <string_view>

#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/rules/zeal.hpp"

/// The Emo family: an emotion (emotion.hpp) that watches the loss, a shadow of the parameters (shadow.hpp) that is blended in while the
/// emotion is strong, and an update rule (rules/). Source: https://github.com/muooon/EmoNavi (Apache-2.0), editions v1 of July 2025, v2 of
/// 2025-08-15, v3.0 of 2025-08-25, v3.6 of 2025-12-20.
namespace emotrain::optim {

/// What the family has in common. An edition sets the defaults of betas, use_shadow, emotion and shadow; v1 is the one that the author's
/// guide describes.
struct EmoOptions : OptimizerOptions {
  std::string edition;
  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.01;
  /// Whether there is a shadow. It wins over the group `shadow`; where it is not given, the group's presence decides.
  bool use_shadow = true;

  /// Takes on the name and the defaults of an edition. Throws Error{usage}.
  virtual void use_edition(std::string_view name);
  void check() const override;

 protected:
  /// edition, lr, betas, weight_decay, use_shadow, stop_history; `eps_field` for how eps is listed.
  void emo_fields(FieldVisitor& visitor, std::span<const char* const> editions, const Field& eps_field);
  void emo_part_fields(FieldVisitor& visitor);
  void switch_shadow(bool on);
};

/// The rule Navi.
struct EmoNaviOptions : EmoOptions {
  EmoNaviOptions() { EmoNaviOptions::use_edition("v1"); }
  /// In v3.6 the value behind should_stop is tanh(Dl).
  void use_edition(std::string_view name) override;
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Rule> rule() const override;
};

/// The rule Fact; in v3.6 the sign of its update.
struct EmoFactOptions : EmoOptions {
  EmoFactOptions() { use_edition("v1"); }
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Rule> rule() const override;
};

/// The rule Lynx. eps has no effect. With decoupled_weight_decay the decay of a step is (its lr) / (the configured lr) weight_decay.
struct EmoLynxOptions : EmoOptions {
  bool decoupled_weight_decay = false;

  EmoLynxOptions() { EmoLynxOptions::use_edition("v1"); }
  void use_edition(std::string_view name) override;
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Rule> rule() const override;
};

/// Chooses a rule for each step by its scalar s, each with state of its own. by_sign (v1): s > lynx_above Lynx (with lynx_betas),
/// s < -fact_above Fact, else Navi; by_strength (v2, v3.0): |s| > lynx_above Lynx, |s| > fact_above Fact, else Navi.
struct EmoClanOptions : EmoOptions {
  std::array<double, 2> lynx_betas{0.9, 0.99};
  std::string choice;
  double lynx_above = 0.3;
  double fact_above = 0.3;

  EmoClanOptions() { EmoClanOptions::use_edition("v1"); }
  void use_edition(std::string_view name) override;
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Rule> rule() const override;
  std::vector<std::unique_ptr<Rule>> rules() const override;
  std::function<std::size_t(double scalar)> chooser() const override;
};

/// The rule Zeal, in v1 alone.
struct EmoZealOptions : EmoOptions {
  Zones zones;

  EmoZealOptions() { use_edition("v1"); }
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Rule> rule() const override;
};

/// The rule Neco, in v1 alone.
struct EmoNecoOptions : EmoOptions {
  Zones zones;

  EmoNecoOptions() { EmoNecoOptions::use_edition("v1"); }
  void use_edition(std::string_view name) override;
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Rule> rule() const override;
};

}  // namespace emotrain::optim
