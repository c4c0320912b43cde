#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "emotrain/study/report.hpp"
#include "study/ordering.hpp"

namespace emotrain::study {
namespace {

std::string cell_text(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string row(const std::vector<std::string>& cells) { return fmt::format("| {} |\n", fmt::join(cells, " | ")); }

std::string head(const std::vector<std::string>& titles) {
  std::string line = "|";
  for (std::size_t i = 0; i < titles.size(); ++i) line += i == 0 ? "---|" : "---:|";
  return row(titles) + line + "\n";
}

std::string label(const Study& study, const TrackResult& track, std::size_t place) {
  return cell_text(study.arms[track.arms[place]].label);
}

/// The arm with the least mean, or median, and those that cannot be told from it.
bool is_among_best(const ProblemResult& problem, std::size_t place) {
  const std::size_t best = leader(problem);
  if (place == best) return true;
  return std::ranges::any_of(problem.final_pairs, [&](const PairComparison& pair) {
    const bool is_pair = (pair.first == best && pair.second == place) || (pair.first == place && pair.second == best);
    const bool told_apart =
        pair.outcome == Outcome::first_better || pair.outcome == Outcome::second_better || pair.outcome == Outcome::not_declared;
    return is_pair && !told_apart;
  });
}

std::string medians(const Study& study, const TrackResult& track) {
  std::vector<std::string> titles{"optimizer", "mean rank"};
  for (std::size_t p = 0; p < track.problems.size(); ++p) titles.push_back(study.problem(p).name + "<br>" + track.problems[p].metric);
  std::string text = head(titles);
  for (const std::size_t place : by_rank(track)) {
    std::vector<std::string> cells{label(study, track, place), fmt::format("{:.2f}", track.ranks[place])};
    for (const ProblemResult& problem : track.problems) {
      const std::string median = fmt::format("{:.4g}", problem.arms[place].final.median);
      cells.push_back(is_among_best(problem, place) ? "**" + median + "**" : median);
    }
    text += row(cells);
  }
  return text;
}

std::string duels(const Study& study, const TrackResult& track) {
  const std::vector<std::size_t> order = by_rank(track);
  std::vector<std::string> titles{"better on : worse on"};
  for (const std::size_t place : order) titles.push_back(label(study, track, place));
  std::string text = head(titles);
  for (const std::size_t first : order) {
    std::vector<std::string> cells{label(study, track, first)};
    for (const std::size_t second : order) {
      std::map<Outcome, int> counts = outcomes_between(track, first, second);
      cells.push_back(first == second ? "" : fmt::format("{} : {}", counts[Outcome::first_better], counts[Outcome::second_better]));
    }
    text += row(cells);
  }
  return text;
}

/// Over all problems: runs that reached the target, that diverged, and what the optimizer keeps for a parameter (median).
std::string costs(const Study& study, const TrackResult& track) {
  const bool tuned = track.track == Track::tuned;
  std::vector<std::string> titles{"optimizer", "target reached", "diverged or failed", "bytes per parameter"};
  if (tuned) titles.emplace_back("decades of lr within 10 % of the best, median");
  std::string text = head(titles);
  for (const std::size_t place : by_rank(track)) {
    Index reached = 0;
    Index runs = 0;
    Index diverged = 0;
    std::vector<double> bytes;
    std::vector<double> widths;
    for (const ProblemResult& problem : track.problems) {
      const ArmResult& arm = problem.arms[place];
      if (arm.steps_to_target) {
        runs += std::ssize(*arm.steps_to_target);
        reached += std::ranges::count_if(*arm.steps_to_target, [](double steps) { return std::isfinite(steps); });
      }
      diverged += arm.final.divergences;
      bytes.push_back(arm.state_bytes);
      if (arm.tuning && arm.tuning->width) widths.push_back(*arm.tuning->width);
    }
    std::vector<std::string> cells{label(study, track, place), fmt::format("{} of {}", reached, runs), fmt::to_string(diverged),
                                   fmt::format("{:.3g}", median(bytes))};
    if (tuned) cells.push_back(widths.empty() ? "" : fmt::format("{:.2f}", median(widths)));
    text += row(cells);
  }
  return text;
}

std::string searched(const Study& study, const TrackResult& track) {
  std::vector<std::string> titles{"learning rate chosen"};
  for (std::size_t p = 0; p < track.problems.size(); ++p) titles.push_back(study.problem(p).name);
  std::string text = head(titles);
  for (const std::size_t place : by_rank(track)) {
    std::vector<std::string> cells{label(study, track, place)};
    for (const ProblemResult& problem : track.problems) {
      const config::Member* rate = problem.arms[place].optimizer.find("lr");
      const auto* number = rate == nullptr ? nullptr : std::get_if<config::Number>(&rate->value.data);
      cells.push_back(fmt::format("{}{}", number == nullptr ? "" : fmt::format("{:.2g}", number->value),
                                  problem.arms[place].flags.empty() ? "" : " (edge)"));
    }
    text += row(cells);
  }
  return text;
}

}  // namespace

std::string report_markdown(const Study& study, const Analysis& analysis) {
  std::string text;
  for (const TrackResult& track : analysis.tracks) {
    text += fmt::format(
        "## Track {}\n\nMedians over {} seeds; less is better. Bold: the least mean (median, where a run diverged), and what was not told "
        "apart from it.\n\n{}\n",
        name_of(track.track), study.options.seeds.size(), medians(study, track));
    text += fmt::format("On how many of the {} problems the optimizer of the row is better and worse than that of the column:\n\n{}\n",
                        track.problems.size(), duels(study, track));
    text += costs(study, track) + "\n";
    if (track.track == Track::tuned) text += searched(study, track) + "\n";
  }
  return text;
}

}  // namespace emotrain::study
