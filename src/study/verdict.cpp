#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "study/ordering.hpp"

namespace emotrain::study {
namespace {

using Names = std::vector<std::string>;

const std::string& label(const Study& study, const TrackResult& track, std::size_t place) { return study.arms[track.arms[place]].label; }

/// "a, b and c"
std::string joined(const Names& names) {
  if (names.size() < 2) return names.empty() ? std::string() : names.front();
  return fmt::format("{} and {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

/// The others by what the pairs with `place` say: first_better means that `place` is better.
std::map<Outcome, Names> others_by_outcome(const Study& study, const TrackResult& track, const ProblemResult& problem, std::size_t place) {
  std::map<Outcome, Names> others;
  for (const PairComparison& pair : problem.final_pairs) {
    if (pair.first != place && pair.second != place) continue;
    others[seen_from(pair, place)].push_back(label(study, track, pair.first == place ? pair.second : pair.first));
  }
  return others;
}

std::string score_text(double score) { return std::isinf(score) ? "inf (diverged)" : fmt::format("{:.4g}", score); }

std::string counted(std::size_t n, const char* noun) { return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s"); }

std::string seeds_text(std::size_t seeds) { return counted(seeds, "seed"); }

/// The least p that a pair can have over so many seeds, after Holm's correction for all pairs.
double least_adjusted_p(std::size_t seeds, std::size_t pairs) {
  return std::min(1.0, 2 * std::pow(0.5, static_cast<double>(seeds)) * static_cast<double>(pairs));
}

std::string ranking(const Study& study, const TrackResult& track) {
  Names names;
  for (const std::size_t place : by_rank(track))
    names.push_back(fmt::format("{} ({:.2f})", label(study, track, place), track.ranks[place]));
  return fmt::format("mean ranks over the problems, 1 is the best: {}", fmt::join(names, ", "));
}

/// How often each outcome came out between two arms, over the problems.
std::string duel(const Study& study, const TrackResult& track, std::size_t place, std::size_t other) {
  std::map<Outcome, int> counts = outcomes_between(track, place, other);
  Names parts;
  const auto add = [&](Outcome outcome, const char* words) {
    if (counts[outcome] > 0) parts.push_back(fmt::format("{} {}", words, counts[outcome]));
  };
  add(Outcome::first_better, "better on");
  add(Outcome::second_better, "worse on");
  add(Outcome::undetected, "no difference detected on");
  add(Outcome::identical, "identical on");
  add(Outcome::not_declared, "not declared on");
  add(Outcome::too_few_seeds, "too few seeds on");
  return fmt::format("{} against {}: {} of {}", label(study, track, place), label(study, track, other), fmt::join(parts, ", "),
                     counted(track.problems.size(), "problem"));
}

}  // namespace

std::string verdict_of(const Study& study, const TrackResult& track, const ProblemResult& problem) {
  const std::size_t first = leader(problem);
  const ArmSummary& best = problem.arms[first].final;
  const bool has_mean = !by_median(problem);
  std::string text = fmt::format("{} has the lowest {} {}, {}", label(study, track, first), has_mean ? "mean" : "median", problem.metric,
                                 score_text(has_mean ? best.mean : best.median));
  if (problem.arms.size() == 1) return text + "; it is the only one in this track, there is nothing to compare it with.";
  std::map<Outcome, Names> others = others_by_outcome(study, track, problem, first);
  if (!std::isfinite(best.median)) return "Every optimizer diverged on half of the seeds or more.";
  const std::size_t seeds = study.options.seeds.size();
  if (others.contains(Outcome::too_few_seeds)) {
    return fmt::format("{} cannot tell any difference, {} or more could; {}.", seeds_text(seeds), fewest_seeds, text);
  }
  Names parts;
  const auto add = [&](Outcome outcome, const char* words) {
    if (others.contains(outcome)) parts.push_back(fmt::format("{} {}", words, joined(others[outcome])));
  };
  add(Outcome::first_better, "better than");
  add(Outcome::undetected, "no difference detected from");
  add(Outcome::identical, "identical with");
  add(Outcome::not_declared, "not declared, for a search range was too narrow, against");
  // A lower mean and a worse rank: outliers decide the mean.
  add(Outcome::second_better, "seed by seed worse than");
  text += fmt::format(": {}.", fmt::join(parts, "; "));
  if (least_adjusted_p(seeds, problem.final_pairs.size()) >= significance) {
    text += fmt::format(" With {} and {} pairs nothing could have been detected.", seeds_text(seeds), problem.final_pairs.size());
  }
  return text;
}

std::vector<std::string> summary_of(const Study& study, const Analysis& analysis) {
  std::vector<std::string> summary;
  for (const TrackResult& track : analysis.tracks) {
    const char* name = name_of(track.track);
    summary.push_back(fmt::format("Track {}, {} on {}: {}.", name, seeds_text(study.options.seeds.size()),
                                  counted(track.problems.size(), "problem"), ranking(study, track)));
    Index diverged = 0;
    for (const ProblemResult& problem : track.problems) {
      for (const ArmResult& arm : problem.arms) diverged += arm.final.divergences;
    }
    if (diverged > 0) summary.push_back(fmt::format("Track {}: {} runs diverged or failed; each counts as infinite.", name, diverged));
    // Everyone against the one with the best ranks.
    const auto best = static_cast<std::size_t>(std::ranges::min_element(track.ranks) - track.ranks.begin());
    for (std::size_t place = 0; place < track.arms.size(); ++place) {
      if (place != best) summary.push_back(fmt::format("Track {}: {}.", name, duel(study, track, place, best)));
    }
  }
  if (study.options.budget.steps != 1) {
    summary.push_back(
        fmt::format("Every problem had {:g} times its steps; the targets are those for all of them.", study.options.budget.steps));
  }
  if (static_cast<Index>(study.options.seeds.size()) < fewest_seeds) {
    summary.push_back(
        fmt::format("With fewer than {} seeds nothing can be detected: the data are shown, no winner is named.", fewest_seeds));
  }
  return summary;
}

}  // namespace emotrain::study
