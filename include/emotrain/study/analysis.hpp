#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/study/comparison.hpp"
#include "emotrain/study/records.hpp"

/// What the records of a study say. A function of them alone, apart from the clock: that is kept apart (Timing).
namespace emotrain::study {

/// Quartiles over the seeds, at each stretch; empty: no seed has it.
struct Band {
  std::vector<double> low, median, high;
};

struct Curves {
  /// At the end of each stretch.
  std::vector<Index> steps;
  Band loss, validation, scalar, ratio, drive, shadow_distance;
};

struct TuningResult {
  Tuning tuning;
  std::vector<std::vector<double>> points;
  /// The least mean score of the trials so far.
  std::vector<double> best_so_far;
  /// Learning rates, ascending, with their scores; empty where none is searched.
  std::vector<double> rates, rate_scores;
  /// Decades between the least and the greatest of those that score within 10 % of the best.
  std::optional<double> width;
};

struct ArmResult {
  /// The metric after the last step, and the best validation score of each run.
  ArmSummary final, best;
  std::vector<double> scores, best_scores;
  /// By seed: at the end of the first stretch that reached it; absent: the problem has no target.
  std::optional<std::vector<double>> steps_to_target;
  double state_bytes = 0;
  config::Value optimizer;
  /// What keeps a winner from being declared: chosen values at the edge of what was searched.
  std::vector<std::string> flags;
  /// Why runs ended early.
  std::vector<std::string> notes;
  Curves curves;
  /// Of the first seed, on a function of two coordinates, where the records have it.
  std::vector<Point> path, shadow_path;
  std::optional<TuningResult> tuning;
};

struct ProblemResult {
  /// What its scores are: test_error, ...
  std::string metric;
  /// That its longest run did.
  Index steps = 0;
  std::vector<ArmResult> arms;
  std::vector<PairComparison> final_pairs, best_pairs;
  /// In plain words.
  std::string verdict;
};

struct Profile {
  std::vector<double> tau;
  /// Beside the track's arms.
  std::vector<std::vector<double>> fractions;
};

struct TrackResult {
  Track track = Track::fixed;
  /// Numbers of the arms that take part. Pairs name their places in this list.
  std::vector<std::size_t> arms;
  /// Mean over the problems of the mean rank over the seeds.
  std::vector<double> ranks;
  std::optional<Profile> profile;
  /// Beside the study's problems.
  std::vector<ProblemResult> problems;
};

struct Analysis {
  std::vector<TrackResult> tracks;
  /// In plain words.
  std::vector<std::string> summary;
};

/// Throws Error{usage} with how many jobs are missing, if any are.
void require_complete(const Study& study, const Records& records);
/// The same, if any are.
Analysis analyze(const Study& study, const Records& records);

/// What the clock said, of one arm on one problem in one track.
struct Timing {
  /// Mean time of a step, median over the seeds that took one; median of whole jobs; median until the target, infinite where it was not
  /// reached.
  std::optional<double> step_seconds;
  double job_seconds = 0;
  std::optional<double> seconds_to_target;
};
Timing timing_of(const Study& study, const Records& records, Track track, std::size_t problem, std::size_t arm);

/// Of a track's problem and of the study: the verdict and the summary.
std::string verdict_of(const Study& study, const TrackResult& track, const ProblemResult& problem);
std::vector<std::string> summary_of(const Study& study, const Analysis& analysis);

}  // namespace emotrain::study
