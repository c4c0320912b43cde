#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "emotrain/core/error.hpp"
#include "optim/three_phase.hpp"

/// ThreePhase::adopt: what an optimizer takes over from one of other options.
namespace emotrain::optim {
namespace {

constexpr std::string_view emotion_prefix = "emotion/";

/// Names once each, in their order.
class Names {
 public:
  explicit Names(std::vector<std::string>& out) : out_(out) {}

  void add(const std::string& name) {
    if (std::ranges::find(out_, name) == out_.end()) out_.push_back(name);
  }

 private:
  std::vector<std::string>& out_;
};

/// Whatever the rule is.
bool is_companion(const std::string& slot) { return slot == "shadow" || slot == "slow" || slot == "average"; }

const StateNumbers* find(std::span<const StateNumbers> numbers, std::string_view name) {
  const auto found = std::ranges::find(numbers, name, &StateNumbers::name);
  return found == numbers.end() ? nullptr : &*found;
}

/// The emotion's state goes on where the other's was; false: its window, which has another length, is new.
bool take_emotion(std::span<const StateNumbers> numbers, EmotionState& state) {
  const auto number = [&](std::string_view name, double otherwise) {
    const StateNumbers* found = find(numbers, name);
    return found == nullptr || found->values.size() != 1 ? otherwise : found->values.front();
  };
  state.started = number("emotion/started", 0) != 0;
  state.ema_short = number("emotion/ema_short", 0);
  state.ema_medium = number("emotion/ema_medium", 0);
  state.ema_long = number("emotion/ema_long", 0);
  const StateNumbers* window = find(numbers, "emotion/window");
  if (window == nullptr || window->values.size() != state.window.size()) return false;
  state.window = window->values;
  state.values = static_cast<Index>(number("emotion/values", 0));
  state.should_stop = number("emotion/should_stop", 0) != 0;
  return true;
}

}  // namespace

Adoption ThreePhase::adopt(std::span<const StateSlot> state, std::span<const StateNumbers> numbers, bool same_rules) {
  const auto is_wanted = [&](const StateSlot& slot) {
    if (slot.name == "shadow") return parts_.shadow.has_value();
    if (slot.name == "slow") return parts_.lookahead.has_value();
    if (slot.name == "average") return parts_.parameter_ema.has_value();
    return same_rules;
  };
  for (const StateSlot& saved : state) {
    if (saved.parameter >= entries_.size()) fail(ErrorKind::data, "{}: there is no parameter number {}", saved.name, saved.parameter);
    if (!is_wanted(saved)) continue;
    // Step 0: its first update is behind it; 1: it is still to come.
    if (!entries_[saved.parameter].attached) attach(saved.parameter, same_rules ? 0 : 1);
    if (saved.name == "shadow") entries_[saved.parameter].has_shadow = true;
  }
  Adoption out;
  Names left(out.left);
  Names begun(out.begun);
  std::set<std::pair<std::string, std::size_t>> taken;
  for (const StateSlot& slot : this->state()) {
    const auto saved =
        std::ranges::find_if(state, [&](const StateSlot& s) { return s.name == slot.name && s.parameter == slot.parameter; });
    if (!same_rules && !is_companion(slot.name)) continue;
    if (saved == state.end() || saved->value.shape() != slot.value.shape()) {
      begun.add(slot.name);
      continue;
    }
    std::ranges::copy(saved->value.values(), slot.value.data());
    taken.insert({slot.name, slot.parameter});
  }
  for (const StateSlot& saved : state) {
    if (!taken.contains({saved.name, saved.parameter})) left.add(saved.name);
  }
  adopt_numbers(numbers, same_rules, out);
  return out;
}

void ThreePhase::adopt_numbers(std::span<const StateNumbers> numbers, bool same_rules, Adoption& out) {
  Names left(out.left);
  Names begun(out.begun);
  const bool had_emotion = find(numbers, "emotion/started") != nullptr;
  if (parts_.emotion && had_emotion) {
    EmotionState state = parts_.emotion->state();
    if (!take_emotion(numbers, state)) begun.add("emotion/window");
    parts_.emotion->restore(std::move(state));
  } else if (parts_.emotion) {
    begun.add("emotion");
  } else if (had_emotion) {
    left.add("emotion");
  }
  std::set<std::string> taken;
  for (const auto& rule : parts_.rules) {
    std::vector<StateNumbers> wanted;
    rule->numbers(wanted);
    for (StateNumbers& each : wanted) {
      const std::string name = std::string(rule->name()) + "/" + each.name;
      if (!same_rules) continue;
      const StateNumbers* saved = find(numbers, name);
      if (saved == nullptr || saved->values.size() != each.values.size()) {
        begun.add(name);
        continue;
      }
      each.values = saved->values;
      rule->restore(each);
      taken.insert(name);
    }
  }
  for (const StateNumbers& saved : numbers) {
    if (!saved.name.starts_with(emotion_prefix) && !taken.contains(saved.name)) left.add(saved.name);
  }
}

}  // namespace emotrain::optim
