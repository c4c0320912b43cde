#include "emotrain/study/analysis.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "emotrain/core/error.hpp"
#include "emotrain/core/threads.hpp"
#include "study/curves.hpp"
#include "study/tuning_result.hpp"

namespace emotrain::study {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t bootstrap_seed = 1;
constexpr int greatest_tau = 4;
constexpr int tau_parts = 20;

/// The reported jobs of one arm, by seed.
using Runs = std::vector<const JobRecord*>;

Runs runs_of(const Study& study, const Records& records, Track track, std::size_t problem, std::size_t arm) {
  Runs runs;
  for (const Index seed : study.options.seeds) runs.push_back(&records.at({track, problem, arm, std::nullopt, seed}));
  return runs;
}

/// The metric of a problem, in all tracks: the one that was asked for, or the first that its runs have.
std::string choose_metric(const Study& study, const Records& records, std::size_t number) {
  const ProblemOptions& problem = study.problem(number);
  if (problem.metric) return *problem.metric;
  if (problem.function) return "value";
  for (const auto& [key, run] : records) {
    if (key.problem != number || !run.divergence.empty()) continue;
    for (const char* name : {"test_error", "test_loss", "eval_error"}) {
      if (run.find_metric(name)) return name;
    }
    break;
  }
  return "eval_loss";
}

/// Losses and scores of an arm's runs, to the last bit: tells arms that are the same from those with the same error rates.
std::vector<double> fingerprint(const Runs& runs) {
  std::vector<double> numbers;
  for (const JobRecord* run : runs) {
    for (const report::Metric& metric : run->metrics) numbers.push_back(metric.value);
    for (const Stretch& stretch : run->stretches) {
      numbers.push_back(stretch.loss);
      numbers.push_back(stretch.validation.value_or(infinity));
    }
  }
  return numbers;
}

/// To the last bit; runs that all ended before they had anything to show are not known to be the same.
bool same_runs(const std::vector<double>& a, const std::vector<double>& b) {
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  return !a.empty() && std::ranges::equal(a, b, {}, bits, bits);
}

/// Why runs ended early: the first of them in full.
std::vector<std::string> notes_of(const Study& study, const Runs& runs) {
  constexpr std::size_t most = 3;
  std::vector<std::string> notes;
  std::size_t count = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i]->divergence.empty() || ++count > most) continue;
    notes.push_back(fmt::format("seed {}: {}", study.options.seeds[i], runs[i]->divergence));
  }
  if (count > most) notes.push_back(fmt::format("and {} more runs that diverged or failed", count - most));
  return notes;
}

double best_score_of(const JobRecord& run) {
  double best = infinity;
  if (!run.divergence.empty()) return best;
  for (const Stretch& stretch : run.stretches) {
    if (stretch.validation && *stretch.validation < best) best = *stretch.validation;
  }
  return best;
}

double steps_to(const JobRecord& run, double target) {
  const std::optional<Index> steps = run.divergence.empty() ? run.steps_to(target) : std::nullopt;
  return steps ? static_cast<double>(*steps) : infinity;
}

ArmResult analyze_arm(const Study& study, const Records& records, const JobKey& key, const Runs& runs, const std::string& metric) {
  const ProblemOptions& problem = study.problem(key.problem);
  ArmResult arm;
  if (problem.target) arm.steps_to_target.emplace();
  for (const JobRecord* run : runs) {
    arm.scores.push_back(run->metric(metric));
    arm.best_scores.push_back(best_score_of(*run));
    if (problem.target) arm.steps_to_target->push_back(steps_to(*run, problem.target->value));
    arm.state_bytes = std::max(arm.state_bytes, run->state_bytes);
  }
  arm.optimizer = optimizer_of(study, records, key);
  arm.curves = curves_of(runs);
  arm.path = runs.front()->path;
  arm.shadow_path = runs.front()->shadow_path;
  arm.notes = notes_of(study, runs);
  if (key.track == Track::tuned) {
    arm.tuning = tuning_result(study, records, key.problem, key.arm);
    if (std::isfinite(arm.tuning->tuning.means[arm.tuning->tuning.chosen])) {
      arm.flags = edge_flags(study.arms[key.arm], *arm.tuning);
    } else {
      arm.notes.emplace_back("every trial diverged");
    }
  }
  return arm;
}

/// No winner where one of the two may only have lost, or won, because its search was too narrow.
void withhold(std::vector<PairComparison>& pairs, const std::vector<ArmResult>& arms) {
  for (PairComparison& pair : pairs) {
    const bool decided = pair.outcome == Outcome::first_better || pair.outcome == Outcome::second_better;
    if (decided && !(arms[pair.first].flags.empty() && arms[pair.second].flags.empty())) pair.outcome = Outcome::not_declared;
  }
}

void compare_arms(ProblemResult& problem, const std::vector<std::vector<double>>& fingerprints) {
  std::vector<std::vector<double>> scores;
  std::vector<std::vector<double>> best_scores;
  bool is_validated = false;
  for (const ArmResult& arm : problem.arms) {
    scores.push_back(arm.scores);
    best_scores.push_back(arm.best_scores);
    is_validated |= !arm.curves.validation.median.empty();
  }
  const std::vector<ArmSummary> finals = summarize(scores);
  const std::vector<ArmSummary> bests = summarize(best_scores);
  for (std::size_t i = 0; i < problem.arms.size(); ++i) {
    problem.arms[i].final = finals[i];
    problem.arms[i].best = bests[i];
  }
  problem.final_pairs = compare_pairs(scores, bootstrap_seed);
  if (is_validated) problem.best_pairs = compare_pairs(best_scores, bootstrap_seed);
  for (std::vector<PairComparison>* pairs : {&problem.final_pairs, &problem.best_pairs}) {
    withhold(*pairs, problem.arms);
    // The same scores, from other runs: error rates are coarse.
    for (PairComparison& pair : *pairs) {
      if (pair.outcome != Outcome::identical || same_runs(fingerprints[pair.first], fingerprints[pair.second])) continue;
      pair.outcome = std::ssize(problem.arms.front().scores) < fewest_seeds ? Outcome::too_few_seeds : Outcome::undetected;
    }
  }
}

ProblemResult analyze_problem(const Study& study, const Records& records, const TrackResult& track, std::size_t number) {
  ProblemResult problem{.metric = choose_metric(study, records, number), .arms = {}, .final_pairs = {}, .best_pairs = {}, .verdict = {}};
  std::vector<std::vector<double>> fingerprints;
  for (const std::size_t arm : track.arms) {
    const JobKey key{track.track, number, arm, std::nullopt, study.options.seeds.front()};
    const Runs runs = runs_of(study, records, track.track, number, arm);
    problem.arms.push_back(analyze_arm(study, records, key, runs, problem.metric));
    fingerprints.push_back(fingerprint(runs));
    for (const JobRecord* run : runs) problem.steps = std::max(problem.steps, run->steps);
  }
  compare_arms(problem, fingerprints);
  problem.verdict = verdict_of(study, track, problem);
  return problem;
}

std::vector<double> mean_ranks(const TrackResult& track) {
  std::vector<double> ranks(track.arms.size(), 0.0);
  for (const ProblemResult& problem : track.problems) {
    for (std::size_t i = 0; i < ranks.size(); ++i) ranks[i] += problem.arms[i].final.mean_rank;
  }
  for (double& rank : ranks) rank /= static_cast<double>(track.problems.size());
  return ranks;
}

/// Over all problems with a target, and all seeds.
std::optional<Profile> profile_of(const TrackResult& track) {
  std::vector<std::vector<double>> costs(track.arms.size());
  for (const ProblemResult& problem : track.problems) {
    for (std::size_t i = 0; i < costs.size(); ++i) {
      const auto& steps = problem.arms[i].steps_to_target;
      if (steps) costs[i].insert(costs[i].end(), steps->begin(), steps->end());
    }
  }
  if (costs.empty() || costs.front().empty()) return std::nullopt;
  Profile out;
  // Quotients, for 3.2 must be the 3.2 of 16 to 5 stretches.
  for (int i = tau_parts; i <= greatest_tau * tau_parts; ++i) out.tau.push_back(static_cast<double>(i) / tau_parts);
  for (const std::vector<double>& ratios : performance_ratios(costs)) {
    std::vector<double>& fractions = out.fractions.emplace_back();
    for (const double tau : out.tau) fractions.push_back(profile(ratios, tau));
  }
  return out;
}

}  // namespace

void require_complete(const Study& study, const Records& records) {
  const std::vector<JobKey> jobs = expand(study);
  const auto missing = std::ranges::count_if(jobs, [&](const JobKey& job) { return !records.contains(job); });
  if (missing == 0) return;
  fail(ErrorKind::usage, "{} of {} jobs are missing: go on with emotrain compare, or --merge the study's other shards", missing,
       jobs.size());
}

Analysis analyze(const Study& study, const Records& records) {
  require_complete(study, records);
  Analysis analysis;
  for (const Track track : {Track::fixed, Track::untuned, Track::tuned}) {
    if (study.has_track(track)) {
      analysis.tracks.push_back({.track = track, .arms = study.arms_of(track), .ranks = {}, .profile = std::nullopt, .problems = {}});
    }
  }
  for (TrackResult& track : analysis.tracks) {
    track.problems.resize(study.problems());
    parallel_for(static_cast<Index>(study.problems()), [&](Index i) {
      const auto number = static_cast<std::size_t>(i);
      track.problems[number] = analyze_problem(study, records, track, number);
    });
    track.ranks = mean_ranks(track);
    track.profile = profile_of(track);
  }
  analysis.summary = summary_of(study, analysis);
  return analysis;
}

Timing timing_of(const Study& study, const Records& records, Track track, std::size_t problem, std::size_t arm) {
  std::vector<double> steps;
  std::vector<double> jobs;
  std::vector<double> targets;
  const auto& target = study.problem(problem).target;
  for (const JobRecord* run : runs_of(study, records, track, problem, arm)) {
    const double step = run->steps > 0 ? run->step_seconds / static_cast<double>(run->steps) : 0;
    if (run->steps > 0) steps.push_back(step);
    jobs.push_back(run->seconds);
    const double reached = target ? steps_to(*run, target->value) : infinity;
    targets.push_back(std::isfinite(reached) ? step * reached : infinity);
  }
  return {steps.empty() ? std::nullopt : std::optional(median(steps)), median(jobs),
          target ? std::optional(median(targets)) : std::nullopt};
}

}  // namespace emotrain::study
