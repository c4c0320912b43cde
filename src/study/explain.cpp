#include "emotrain/study/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "emotrain/core/error.hpp"
#include "study/loss_sentence.hpp"
#include "study/temper.hpp"

namespace emotrain::study {
namespace {

/// A number of the options within a text.
std::string fixed(double value) { return fmt::format("{:.3g}", value); }

/// Makes the sentences of one step after the other.
class Teller {
 public:
  explicit Teller(const RunRecord& run) : run_(run), record_(run.steps), temper_(run.config), losses_(run.steps, temper_) {
    for (const auto& name : record_.rules) names_.push_back(display_name(name));
  }

  std::string tell(std::size_t i);
  std::vector<std::pair<std::string, std::vector<double>>> slots() &&;

 private:
  double value(Key key, std::size_t i) const { return record_.of(key)[i]; }
  bool has(Key key, std::size_t i) const { return !std::isnan(value(key, i)); }
  std::string felt(std::size_t i) const;
  std::string averages(std::size_t i) const;
  std::string zone(double scalar) const;
  std::string shadow(std::size_t i) const;
  std::string stepped(std::size_t i) const;
  std::string rule(std::size_t i) const;
  std::string clan_reason(const std::string& chosen) const;
  std::string manner(std::size_t i) const;
  bool took_navi(std::size_t i) const { return record_.rule[i] != StepSeries::no_rule && record_.rules[record_.rule[i]] == "navi"; }
  std::string display_name(const std::string& rule) const;

  const RunRecord& run_;
  const StepSeries& record_;
  Temper temper_;
  LossSentence losses_;
  std::vector<std::string> names_;
  bool has_felt_ = false;
  bool has_shadow_ = false;
  bool has_stopped_ = false;
  bool has_navi_ = false;
};

std::string Teller::display_name(const std::string& rule) const {
  for (const char* own : {"navi", "fact", "lynx", "zeal", "neco"}) {
    if (rule == own) return capitalized(rule);
  }
  return rule;
}

std::string Teller::tell(std::size_t i) {
  const std::string loss = losses_.at(i);
  const bool was_taken = record_.rule[i] != StepSeries::no_rule;
  std::string rest;
  if (has(Key::loss, i) && !has(Key::grad_norm, i)) {
    rest = was_taken ? " Its gradient was not finite, and the step was taken all the same, as trainer.on_nonfinite says."
                     : " Its gradient was not finite, so the step was skipped: the weights and all that the optimizer remembers stayed "
                       "as they were.";
  } else if (has(Key::loss, i) && was_taken) {
    rest = felt(i);
    rest += stepped(i);
  }
  has_felt_ = has_felt_ || was_taken;
  has_shadow_ = has_shadow_ || has(Key::shadow_distance, i);
  has_stopped_ = has_stopped_ || record_.should_stop[i] != 0;
  has_navi_ = has_navi_ || took_navi(i);
  return loss + rest;
}

std::string Teller::zone(double scalar) const {
  const double strength = std::abs(scalar);
  if (!(strength > temper_.zones.mild)) return "calm";
  return fmt::format("{} {}", strength > temper_.zones.strong ? "strong" : "mild", temper_.is_tension(scalar) ? "tension" : "relief");
}

/// "The short average ... so the scalar is +0.5".
std::string Teller::averages(std::size_t i) const {
  const char* loss = temper_.averages_loss() ? "loss" : "scaled loss";
  const double s = value(Key::scalar, i);
  const bool is_first = !has_felt_ && record_.first_step == 1;
  if (is_first && std::abs(s) < 1e-6) return fmt::format("Both averages of the {} begin at {{ema_long}}, so the scalar is 0", loss);
  const double of_short = value(Key::ema_short, i);
  const double of_long = value(Key::ema_long, i);
  if (std::isnan(of_short) || std::isnan(of_long)) return fmt::format("The scalar is {}{{scalar}}", s > 0 ? "+" : "");
  const bool is_small = std::abs(s) < 5e-4;
  if (is_small && std::abs(of_short - of_long) <= 0.05 * std::abs(of_long)) {
    return fmt::format("The short and the long average of the {} are both about {{ema_long}}, so the scalar is close to 0", loss);
  }
  const char* side = of_short > of_long ? "above" : "below";
  const bool look_same = slot_text(of_short) == slot_text(of_long);
  const std::string both = look_same
                               ? fmt::format("The short average of the {} is a little {} the long one ({{ema_long}})", loss, side)
                               : fmt::format("The short average of the {} ({{ema_short}}) is {} the long one ({{ema_long}})", loss, side);
  // As with a small gain, or a loss scaled to next to nothing.
  if (is_small) return both + ", but the scalar, which hardly sees that, is close to 0";
  const char* sign = s > 0 ? "+" : "";
  const std::string scalar = fmt::format("{}, which makes the scalar {}{{scalar}}", both, sign);
  if (temper_.rising_is_positive) return scalar;
  return fmt::format("{} (in this edition a {} loss makes it {})", scalar, temper_.is_tension(s) ? "rising" : "falling",
                     s > 0 ? "positive" : "negative");
}

std::string Teller::felt(std::size_t i) const {
  if (!temper_.feels()) return {};
  const double s = value(Key::scalar, i);
  if (std::isnan(s)) return " The emotion is no finite number any more.";
  if (temper_.emotion->source == "off") return " The emotion is switched off, so the scalar stays 0: calm" + shadow(i) + ".";
  if (temper_.feels_loss()) return fmt::format(" {}: {}{}.", averages(i), zone(s), shadow(i));
  return fmt::format(" The scalar, which is not felt but drawn from a recorded run, is {}{{scalar}}: {}{}.", s > 0 ? "+" : "", zone(s),
                     shadow(i));
}

/// What the emotion did with the shadow: goes on behind the zone.
std::string Teller::shadow(std::size_t i) const {
  const double ratio = value(Key::ratio, i);
  if (!temper_.shadow) return std::abs(value(Key::scalar, i)) > temper_.zones.mild ? ", but there is no shadow to blend in" : "";
  const bool first_blend = temper_.shadow->begin == "first_blend";
  const bool is_there = has(Key::shadow_distance, i);
  const bool may_have_been = has_shadow_ || (!has_felt_ && record_.first_step > 1 && is_there);
  if (!may_have_been && is_there) {
    return first_blend ? ", which called for the shadow: it was made as a copy of the weights, so there was nothing to blend in yet"
                       : ", and the shadow was made as a copy of the weights";
  }
  if (!is_there && !has_shadow_) {
    return ratio > 0 ? ", which calls for {percent} % of the shadow, but there is none" : ", and no shadow has been made yet";
  }
  if (!(ratio > 0)) {
    return temper_.shadow->follow_quiet > 0
               ? ", so nothing was blended in, and the shadow followed the weights by {follow_percent} % of the way"
               : ", so the shadow was left alone";
  }
  if (first_blend && !has_shadow_)
    return ", so {percent} % of the shadow was blended into the weights, or the shadow was made, if there was none before";
  return ", so {percent} % of the shadow was blended into the weights" +
         (temper_.shadow->follow_blend > 0
              ? fmt::format(", and the shadow followed them by {} % of the way", fixed(100 * temper_.shadow->follow_blend))
              : ", while the shadow stayed where it was");
}

std::string Teller::clan_reason(const std::string& chosen) const {
  const optim::EmoClanOptions& clan = *temper_.clan;
  const bool by_sign = clan.choice == "by_sign";
  const std::string lynx = fixed(clan.lynx_above);
  const std::string fact = fixed(clan.fact_above);
  if (chosen == "lynx") return fmt::format("{} is above {}", by_sign ? "the scalar" : "the scalar's size", lynx);
  if (chosen == "fact") {
    return by_sign ? fmt::format("the scalar is below -{}", fact)
                   : fmt::format("the scalar's size is above {} and not above {}", fact, lynx);
  }
  return by_sign ? fmt::format("the scalar is between -{} and {}", fact, lynx)
                 : fmt::format("the scalar's size is not above {}", fixed(std::min(clan.fact_above, clan.lynx_above)));
}

/// How Zeal and Neco stepped, by their own zones.
std::string Teller::manner(std::size_t i) const {
  if (!temper_.rule_zones || !has(Key::scalar, i)) return {};
  const optim::Zones& zones = *temper_.rule_zones;
  const bool is_zeal = record_.rules[record_.rule[i]] == "zeal";
  // Zeal's momentum is the damped gradient: the reference never writes its buffer.
  const char* softened = is_zeal ? "a softened sign of the damped gradient" : "a softened sign of the momentum";
  std::string as = is_zeal ? softened : "the sign of the momentum, where it agrees with the gradient";
  std::string why = fmt::format("outside its zones {} < scalar <= {} and scalar < -{}", fixed(zones.tension[0]), fixed(zones.tension[1]),
                                fixed(zones.relief));
  switch (zones.of(value(Key::scalar, i))) {
    case optim::Zone::tension:
      as = std::string(softened) + ", stretched by the gradient's norm";
      why = fmt::format("as the scalar is above {} and not above {}", fixed(zones.tension[0]), fixed(zones.tension[1]));
      break;
    case optim::Zone::relief:
      as = is_zeal ? "the sign of the gradient" : softened;
      why = fmt::format("as the scalar is below -{}", fixed(zones.relief));
      break;
    case optim::Zone::calm:
      break;
  }
  return fmt::format(", {}{} with {}", why, is_zeal ? ", in matrices first" : ",", as);
}

std::string Teller::rule(std::size_t i) const {
  const std::string& name = names_[record_.rule[i]];
  const double drive = value(Key::drive, i);
  const bool was_driven = temper_.feels() && temper_.emotion->drive != "none";
  const std::string how = std::isnan(drive) && was_driven ? "with a drive that is no finite number"
                          : std::isnan(drive) || drive == 1
                              ? "at a learning rate of {learning_rate}"
                              : "with a drive of {drive}, which makes of the learning rate {learning_rate} an effective {effective_lr}";
  if (temper_.clan && !has(Key::scalar, i)) return fmt::format(" Clan chose {}, which took its step {}", name, how);
  if (!temper_.clan) return fmt::format(" Then {} took its step {}", name, how);
  return fmt::format(" As {}, Clan chose {}, which took its step {}", clan_reason(record_.rules[record_.rule[i]]), name, how);
}

/// The rule's step, and where it led.
std::string Teller::stepped(std::size_t i) const {
  std::string text = rule(i) + manner(i);
  if (temper_.first_navi_step && took_navi(i) && !has_navi_ && record_.first_step == 1) {
    text += fmt::format("; without a bias correction this first one is {} times that wide for nearly every weight",
                        fixed(*temper_.first_navi_step));
  }
  const bool has_moved = has(Key::moved, i);
  const bool has_distance = has(Key::shadow_distance, i);
  if (has_moved) text += "; in all, the weights moved by {moved}";
  if (has_distance)
    text += has_moved ? " and are now {shadow_distance} from the shadow" : "; the weights are now {shadow_distance} from the shadow";
  if (record_.should_stop[i] != 0 && !has_stopped_ && (i > 0 || record_.first_step == 1) && temper_.feels())
    text +=
        fmt::format("; should_stop rose, as {}{}", temper_.why_stop(), run_.config.trainer.stop_on_quiet ? ", and the run ends here" : "");
  return text + ".";
}

std::vector<std::pair<std::string, std::vector<double>>> Teller::slots() && {
  auto out = std::move(losses_).slots();
  const std::vector<double>& ratio = record_.of(Key::ratio);
  const std::vector<double>& scalar = record_.of(Key::scalar);
  const auto add = [&](const char* name, auto&& of) {
    std::vector<double> values(ratio.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = of(i);
    out.emplace_back(name, std::move(values));
  };
  add("effective_lr", [&](std::size_t i) { return value(Key::learning_rate, i) * value(Key::drive, i); });
  if (!temper_.shadow) return out;
  add("percent", [&](std::size_t i) { return 100 * ratio[i]; });
  if (temper_.shadow->follow_quiet > 0)
    add("follow_percent", [&](std::size_t i) { return 100 * temper_.shadow->follow(scalar[i], ratio[i]); });
  return out;
}

}  // namespace

std::string slot_text(double value) {
  const auto rounded = static_cast<float>(value);
  // Records have no infinity: it is a number too large for float32.
  if (std::isinf(rounded)) return rounded > 0 ? "over 3.4e+38" : "below -3.4e+38";
  return fmt::format("{:.3g}", rounded + 0.0F);  // -0 is 0
}

Sentences explain(const RunRecord& run) {
  Teller teller(run);
  Sentences out;
  std::unordered_map<std::string, std::uint16_t> places;
  for (std::size_t i = 0; i < run.steps.rule.size(); ++i) {
    std::string text = teller.tell(i);
    const auto [place, is_new] = places.try_emplace(std::move(text), static_cast<std::uint16_t>(places.size()));
    if (is_new) out.templates.push_back(place->first);
    if (places.size() > 65535) fail(ErrorKind::data, "{}: the steps differ in too many ways to be explained", run.directory.string());
    out.of.push_back(place->second);
  }
  out.slots = std::move(teller).slots();
  return out;
}

std::string Sentences::text(const StepSeries& record, std::size_t i) const {
  const auto text_of = [&](std::string_view slot) {
    const std::string_view name = slot.substr(1, slot.size() - 2);
    const auto key = std::ranges::find(key_names, name);
    if (key != key_names.end()) return slot_text(record.of(static_cast<Key>(key - key_names.begin()))[i]);
    const auto own = std::ranges::find(slots, name, [](const auto& row) -> std::string_view { return row.first; });
    return own != slots.end() ? slot_text(own->second[i]) : std::string(slot);
  };
  const std::string_view from = templates[of[i]];
  std::string out;
  for (std::size_t at = 0; at < from.size();) {
    const std::size_t open = std::min(from.find('{', at), from.size());
    out += from.substr(at, open - at);
    const std::size_t close = from.find('}', open);
    if (close == std::string_view::npos) return out.append(from.substr(open));
    out += text_of(from.substr(open, close + 1 - open));
    at = close + 1;
  }
  return out;
}

}  // namespace emotrain::study
