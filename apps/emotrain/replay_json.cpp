#include <cmath>
#include <limits>

#include "json_line.hpp"
#include "replay_text.hpp"

namespace {

using emotrain::Index;
using emotrain::optim::Feeling;
using emotrain::train::Deviation;
using emotrain::train::Quantity;
using emotrain::train::quantity_count;
using emotrain::train::Replay;
using emotrain::train::ReplayedStep;
using emotrain::train::Scenario;
using emotrain::train::Tally;

/// A deviation from what is no number is infinite; the largest double stands for it.
std::string size_json(double size) { return json(std::isfinite(size) ? size : std::numeric_limits<double>::max()); }

std::string tally_json(const Tally& tally, const Scenario& scenario) {
  const Deviation& worst = tally.worst;
  JsonObject out;
  out.add("compared", json_number(tally.compared)).add("outside", json_number(tally.outside));
  out.add("tolerance", json(tolerance_of(worst.quantity))).add("deviation", size_json(worst.size)).add("step", json_number(worst.step));
  if (worst.quantity <= Quantity::eval_params) {
    const auto place = emotrain::train::coordinates(scenario.parameters[worst.tensor].shape, worst.element);
    out.add("tensor", json(scenario.parameters[worst.tensor].name)).add("at", json_list(place, [](Index i) { return json_number(i); }));
  }
  return out.add("value", worst.ours ? json(*worst.ours) : "null").add("expected", json(worst.recorded)).str();
}

std::string worst_json(const Replay& replay, const Scenario& scenario) {
  JsonObject out;
  for (std::size_t i = 0; i < quantity_count; ++i) {
    if (replay.tallies[i].compared > 0) out.add(name_of(static_cast<Quantity>(i)), tally_json(replay.tallies[i], scenario));
  }
  return out.str();
}

std::string steps_json(const Replay& replay, bool is_judged) {
  JsonObject out;
  const auto add = [&](const char* key, auto&& of) { out.add(key, json_list(replay.steps, of)); };
  add("loss", [](const ReplayedStep& step) { return json(step.loss); });
  add("rule", [](const ReplayedStep& step) { return json(step.rule); });
  if (replay.steps.front().emotion) {
    const auto add_felt = [&](const char* key, double Feeling::*member) {
      add(key, [member](const ReplayedStep& step) { return json((*step.emotion).*member); });
    };
    add_felt("ema_short", &Feeling::ema_short);
    add_felt("ema_medium", &Feeling::ema_medium);
    add_felt("ema_long", &Feeling::ema_long);
    add_felt("scalar", &Feeling::scalar);
    add_felt("ratio", &Feeling::ratio);
    add_felt("drive", &Feeling::drive);
    add("should_stop", [](const ReplayedStep& step) { return json(step.emotion->should_stop); });
    add("shadow_distance", [](const ReplayedStep& step) { return step.shadow_distance ? json(*step.shadow_distance) : "null"; });
  }
  if (is_judged) {
    add("deviation", [](const ReplayedStep& step) { return step.worst ? size_json(step.worst->size) : "null"; });
    add("deviation_of", [](const ReplayedStep& step) { return step.worst ? json(name_of(step.worst->quantity)) : "null"; });
  }
  return out.str();
}

}  // namespace

std::string replay_json(const ShownReplay& shown, const std::string& resolved_options) {
  JsonObject out;
  out.add("trace", json(shown.file)).add("scenario", json(shown.scenario.name)).add("optimizer", json(shown.optimizer));
  out.add("options", one_line_json(resolved_options)).add("steps", json_number(shown.replay.steps.size()));
  out.add("passed", shown.is_judged ? json(shown.replay.passed()) : "null");
  if (shown.is_judged) out.add("worst", worst_json(shown.replay, shown.scenario));
  return out.add("per_step", steps_json(shown.replay, shown.is_judged)).str();
}
