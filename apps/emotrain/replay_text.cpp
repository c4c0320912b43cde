#include "replay_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "text_table.hpp"

namespace {

using emotrain::Index;
using emotrain::train::Deviation;
using emotrain::train::Quantity;
using emotrain::train::quantity_count;
using emotrain::train::Replay;
using emotrain::train::ReplayedStep;
using emotrain::train::Tally;

/// The quantities of a summary's column.
struct Group {
  const char* title;
  std::vector<Quantity> quantities;
};

const std::vector<Group>& groups() {
  static const std::vector<Group> all{
      {"params", {Quantity::params}},
      {"shadow", {Quantity::shadow}},
      {"eval", {Quantity::eval_params}},
      {"emotion", {Quantity::ema_short, Quantity::ema_medium, Quantity::ema_long, Quantity::scalar, Quantity::ratio}},
      {"flags", {Quantity::should_stop, Quantity::has_shadow}},
  };
  return all;
}

/// How much of the tolerance is used up.
std::string percent(const Deviation& deviation) {
  const double percent = 100 * deviation.strength();
  if (percent == 0) return "0 %";
  if (percent < 0.05) return "<0.1 %";
  if (percent >= 1e5) return ">99999 %";
  return fmt::format("{:.{}f} %", percent, percent < 99.95 ? 1 : 0);
}

/// Empty if nothing of the group was compared.
std::string group_text(const Replay& replay, const Group& group) {
  const Tally* worst = nullptr;
  Index outside = 0;
  for (const Quantity quantity : group.quantities) {
    const Tally& tally = replay.tally(quantity);
    outside += tally.outside;
    if (tally.compared > 0 && (worst == nullptr || tally.worst.strength() > worst->worst.strength())) worst = &tally;
  }
  if (worst == nullptr) return "";
  if (group.quantities.front() == Quantity::should_stop) return outside == 0 ? "equal" : fmt::format("{} differ", outside);
  return percent(worst->worst);
}

bool has_emotion(const Replay& replay) {
  return std::ranges::any_of(replay.steps, [](const ReplayedStep& step) { return step.emotion.has_value(); });
}
bool has_shadow(const Replay& replay) {
  return std::ranges::any_of(replay.steps, [](const ReplayedStep& step) { return step.shadow_distance.has_value(); });
}

/// "navi", or "navi 120, lynx 30".
std::string rules_text(const Replay& replay) {
  std::vector<std::pair<std::string, Index>> counts;
  for (const ReplayedStep& step : replay.steps) {
    const auto known = std::ranges::find(counts, step.rule, &std::pair<std::string, Index>::first);
    if (known == counts.end())
      counts.emplace_back(step.rule, 1);
    else
      ++known->second;
  }
  if (counts.size() == 1) return counts.front().first;
  std::string text;
  for (const auto& [rule, count] : counts) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", rule, count);
  return text;
}

std::string failures_text(const ShownReplay& shown) {
  std::string text;
  for (const Tally& tally : shown.replay.tallies) {
    if (tally.outside == 0) continue;
    text += fmt::format("    {}\n", deviation_text(tally.first_outside, shown.scenario));
    if (tally.outside == 1) continue;
    const bool is_worst = tally.worst.size == tally.first_outside.size;
    text += fmt::format("    and {} more of {}{}\n", tally.outside - 1, name_of(tally.worst.quantity),
                        is_worst ? "" : ", the worst at " + deviation_text(tally.worst, shown.scenario));
  }
  return text;
}

/// What the columns of a table of steps show.
struct Columns {
  bool emotion;
  bool shadow;
  bool rule;
  bool deviation;
};

std::vector<std::string> step_cells(const ReplayedStep& step, Index number, const Columns& columns) {
  std::vector<std::string> cells{fmt::to_string(number), fmt::format("{:.5g}", step.loss)};
  if (columns.emotion) {
    const emotrain::optim::Feeling feeling = step.emotion.value_or(emotrain::optim::Feeling{});
    cells.insert(cells.end(),
                 {fmt::format("{:.5g}", feeling.ema_short), fmt::format("{:.5g}", feeling.ema_long), fmt::format("{:+.4f}", feeling.scalar),
                  fmt::format("{:.3f}", feeling.ratio), fmt::format("{:.3f}", feeling.drive)});
  }
  if (columns.rule) cells.push_back(step.rule);
  if (columns.emotion) cells.emplace_back(step.emotion && step.emotion->should_stop ? "stop" : "");
  if (columns.shadow) cells.push_back(step.shadow_distance ? fmt::format("{:.4g}", *step.shadow_distance) : "");
  if (columns.deviation) {
    cells.push_back(step.worst ? percent(*step.worst) : "");
    cells.emplace_back(step.worst && step.worst->is_outside() ? "FAILED" : "");
  }
  return cells;
}

std::string deviations_table(const ShownReplay& shown) {
  TextTable table({{"largest deviation"}, {"size", true}, {"allowed", true}, {"values", true}, {"at"}});
  for (std::size_t i = 0; i < quantity_count; ++i) {
    const Tally& tally = shown.replay.tallies[i];
    if (tally.compared == 0) continue;
    const auto quantity = static_cast<Quantity>(i);
    const bool is_flag = tolerance_of(quantity) == 0;
    const bool is_equal = tally.worst.size == 0;
    table.add({name_of(quantity),
               is_equal  ? "0"
               : is_flag ? "differs"
                         : fmt::format("{:.2g}", tally.worst.size),
               fmt::format("{:g}", tolerance_of(quantity)), fmt::to_string(tally.compared),
               is_equal ? "" : place_text(tally.worst, shown.scenario)});
  }
  return table.str();
}

Index value_count(const emotrain::train::Scenario& scenario) {
  Index count = 0;
  for (const auto& parameter : scenario.parameters) count += parameter.shape.size();
  return count;
}

}  // namespace

std::string steps_text(const ShownReplay& shown) {
  const std::string rules = rules_text(shown.replay);
  const Columns columns{.emotion = has_emotion(shown.replay),
                        .shadow = has_shadow(shown.replay),
                        .rule = rules.find(' ') != std::string::npos,
                        .deviation = shown.is_judged};
  std::vector<TextTable::Column> titles{{"step", true}, {"loss", true}};
  if (columns.emotion) {
    titles.insert(titles.end(), {{"short", true}, {"long", true}, {"scalar", true}, {"ratio", true}, {"drive", true}});
  }
  if (columns.rule) titles.push_back({"rule"});
  if (columns.emotion) titles.push_back({"stop"});
  if (columns.shadow) titles.push_back({"shadow", true});
  if (columns.deviation) titles.insert(titles.end(), {{"of tolerance", true}, {""}});
  TextTable table(std::move(titles));
  Index number = 0;
  for (const ReplayedStep& step : shown.replay.steps) table.add(step_cells(step, ++number, columns));

  std::string text =
      fmt::format("{}: {} on {}, {} steps, {} tensors of {} values, rule {}\n\n", shown.file, shown.optimizer, shown.scenario.name,
                  shown.scenario.steps.size(), shown.scenario.parameters.size(), value_count(shown.scenario), rules);
  text += table.str();
  if (shown.is_judged) text += "\n" + deviations_table(shown) + failures_text(shown);
  return text + "\n";
}

SummaryLines::SummaryLines(const std::vector<std::string>& names, bool is_judged) : is_judged_(is_judged) {
  for (const std::string& name : names) name_width_ = std::max(name_width_, text_width(name));
}

std::string SummaryLines::title() const {
  std::string text = std::string(8, ' ') + padded(is_judged_ ? "share of tolerance" : "", name_width_);
  if (is_judged_) {
    for (const Group& group : groups()) text += "  " + padded(group.title, 8, true);
  } else {
    for (const char* title : {"steps", "blended", "stop at", "shadow"}) text += "  " + padded(title, 8, true);
    text += "  rule";
  }
  return text + "\n";
}

std::string SummaryLines::line(const std::string& name, const ShownReplay& shown) const {
  const Replay& replay = shown.replay;
  if (shown.is_judged) {
    std::string text = padded(replay.passed() ? "ok" : "FAILED", 8) + padded(name, name_width_);
    for (const Group& group : groups()) text += "  " + padded(group_text(replay, group), 8, true);
    text.resize(text.find_last_not_of(' ') + 1);
    return text + "\n" + failures_text(shown);
  }
  const auto blended =
      std::ranges::count_if(replay.steps, [](const ReplayedStep& step) { return step.emotion && step.emotion->ratio > 0; });
  const auto stop = std::ranges::find_if(replay.steps, [](const ReplayedStep& step) { return step.emotion && step.emotion->should_stop; });
  const std::string stop_at = stop == replay.steps.end() ? "" : fmt::to_string(stop - replay.steps.begin() + 1);
  const auto distance = replay.steps.back().shadow_distance;
  std::string text = padded("done", 8) + padded(name, name_width_);
  const std::string cells[] = {fmt::to_string(replay.steps.size()), has_emotion(replay) ? fmt::to_string(blended) : "", stop_at,
                               distance ? fmt::format("{:.4g}", *distance) : ""};
  for (const std::string& cell : cells) text += "  " + padded(cell, 8, true);
  return text + "  " + rules_text(replay) + "\n";
}
