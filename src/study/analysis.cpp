#include "emotrain/study/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "emotrain/core/error.hpp"
#include "emotrain/core/threads.hpp"
#include "study/curves.hpp"
#include "study/metric.hpp"
#include "study/tuning_result.hpp"

namespace emotrain::study {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t bootstrap_seed = 1;
constexpr double greatest_tau = 4;
constexpr double tau_step = 0.05;

/// The reported jobs of one arm, by seed.
using Runs = std::vector<const JobRecord*>;

Runs runs_of(const Study& study, const Records& records, Track track, std::size_t problem, std::size_t arm) {
  Runs runs;
  for (const Index seed : study.options.seeds) runs.push_back(&records.at({track, problem, arm, std::nullopt, seed}));
  return runs;
}

/// The metric of a problem: the one that was asked for, or the first that its runs have.
std::string choose_metric(const ProblemOptions& problem, const std::vector<Runs>& arms) {
  if (problem.metric) return *problem.metric;
  if (problem.function) return "value";
  for (const char* name : {"test_error", "test_loss", "eval_error", "eval_loss"}) {
    for (const Runs& runs : arms) {
      if (std::ranges::any_of(runs, [&](const JobRecord* run) { return metric_of(*run, name).has_value(); })) return name;
    }
  }
  return "eval_loss";
}

double score_of(const JobRecord& run, const std::string& metric, const std::string& problem) {
  if (!run.divergence.empty()) return infinity;
  const std::optional<double> value = metric_of(run, metric);
  if (!value) fail(ErrorKind::usage, "the problem {}: its runs have no {}; choose another metric", problem, metric);
  return std::isnan(*value) ? infinity : *value;
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
    arm.scores.push_back(score_of(*run, metric, problem.name));
    arm.best_scores.push_back(best_score_of(*run));
    if (problem.target) arm.steps_to_target->push_back(steps_to(*run, problem.target->value));
    arm.state_bytes = std::max(arm.state_bytes, run->state_bytes);
  }
  arm.optimizer = optimizer_of(study, records, key);
  arm.curves = curves_of(runs);
  if (key.track == Track::tuned) {
    arm.tuning = tuning_result(study, records, key.problem, key.arm);
    arm.flags = edge_flags(study.arms[key.arm], *arm.tuning);
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

void compare_arms(ProblemResult& problem) {
  std::vector<std::vector<double>> scores;
  std::vector<std::vector<double>> best_scores;
  for (const ArmResult& arm : problem.arms) {
    scores.push_back(arm.scores);
    best_scores.push_back(arm.best_scores);
  }
  const std::vector<ArmSummary> finals = summarize(scores);
  const std::vector<ArmSummary> bests = summarize(best_scores);
  for (std::size_t i = 0; i < problem.arms.size(); ++i) {
    problem.arms[i].final = finals[i];
    problem.arms[i].best = bests[i];
  }
  problem.final_pairs = compare_pairs(scores, bootstrap_seed);
  problem.best_pairs = compare_pairs(best_scores, bootstrap_seed);
  withhold(problem.final_pairs, problem.arms);
  withhold(problem.best_pairs, problem.arms);
}

ProblemResult analyze_problem(const Study& study, const Records& records, const TrackResult& track, std::size_t number) {
  std::vector<Runs> runs;
  for (const std::size_t arm : track.arms) runs.push_back(runs_of(study, records, track.track, number, arm));
  ProblemResult problem{
      .metric = choose_metric(study.problem(number), runs), .arms = {}, .final_pairs = {}, .best_pairs = {}, .verdict = {}};
  for (std::size_t i = 0; i < track.arms.size(); ++i) {
    const JobKey key{track.track, number, track.arms[i], std::nullopt, study.options.seeds.front()};
    problem.arms.push_back(analyze_arm(study, records, key, runs[i], problem.metric));
    for (const JobRecord* run : runs[i]) problem.steps = std::max(problem.steps, run->steps);
  }
  compare_arms(problem);
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
  const auto points = static_cast<Index>(std::llround((greatest_tau - 1) / tau_step));
  for (Index i = 0; i <= points; ++i) out.tau.push_back(1 + static_cast<double>(i) / static_cast<double>(points) * (greatest_tau - 1));
  for (const std::vector<double>& ratios : performance_ratios(costs)) {
    std::vector<double>& fractions = out.fractions.emplace_back();
    for (const double tau : out.tau) fractions.push_back(profile(ratios, tau));
  }
  return out;
}

void require_complete(const Study& study, const Records& records) {
  const std::vector<JobKey> jobs = expand(study);
  const auto missing = std::ranges::count_if(jobs, [&](const JobKey& job) { return !records.contains(job); });
  if (missing == 0) return;
  fail(ErrorKind::usage, "{} of {} jobs are missing: go on with emotrain compare, or --merge the study's other shards", missing,
       jobs.size());
}

}  // namespace

Analysis analyze(const Study& study, const Records& records) {
  require_complete(study, records);
  Analysis analysis;
  for (const Track track : {Track::fixed, Track::untuned, Track::tuned}) {
    if (study.has_track(track)) {
      analysis.tracks.push_back({.track = track, .arms = study.arms_of(track), .ranks = {}, .profile = std::nullopt, .problems = {}});
    }
  }
  std::erase_if(analysis.tracks, [](const TrackResult& track) { return track.arms.empty(); });
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
    steps.push_back(step);
    jobs.push_back(run->seconds);
    if (target) targets.push_back(step * steps_to(*run, target->value));
  }
  return {median(steps), median(jobs), target ? std::optional(median(targets)) : std::nullopt};
}

}  // namespace emotrain::study
