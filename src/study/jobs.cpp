#include <algorithm>
#include <cmath>
#include <limits>

#include "emotrain/study/records.hpp"
#include "emotrain/study/sobol.hpp"
#include "emotrain/study/statistics.hpp"

namespace emotrain::study {
namespace {

/// StudyOptions::seeds are below it.
constexpr Index first_tuning_seed = 1'000'000;

double final_validation(const JobRecord& record) {
  const bool is_known = record.divergence.empty() && !record.stretches.empty() && record.stretches.back().validation;
  return is_known && !std::isnan(*record.stretches.back().validation) ? *record.stretches.back().validation
                                                                      : std::numeric_limits<double>::infinity();
}

}  // namespace

Index tuning_seed(Index number) { return first_tuning_seed + number; }

std::vector<JobKey> expand(const Study& study) {
  std::vector<JobKey> jobs;
  for (const Track track : {Track::fixed, Track::untuned, Track::tuned}) {
    if (!study.has_track(track)) continue;
    const std::vector<std::size_t> arms = study.arms_of(track);
    for (std::size_t problem = 0; problem < study.problems(); ++problem) {
      for (const std::size_t arm : arms) {
        const Index trials = track == Track::tuned ? study.options.budget.trials : 0;
        for (Index trial = 0; trial < trials; ++trial) {
          for (Index i = 0; i < study.options.budget.tuning_seeds; ++i) jobs.push_back({track, problem, arm, trial, tuning_seed(i)});
        }
        for (const Index seed : study.options.seeds) jobs.push_back({track, problem, arm, std::nullopt, seed});
      }
    }
  }
  return jobs;
}

std::vector<std::vector<double>> trial_points(const Arm& arm, Index trials) {
  std::vector<std::vector<double>> points = sobol_points(static_cast<Index>(arm.spaces.size()), trials + 1);
  points.erase(points.begin());
  return points;
}

std::optional<Tuning> tuning_of(const Study& study, const Records& records, std::size_t problem, std::size_t arm) {
  Tuning tuning;
  for (Index trial = 0; trial < study.options.budget.trials; ++trial) {
    std::vector<double>& scores = tuning.scores.emplace_back();
    for (Index i = 0; i < study.options.budget.tuning_seeds; ++i) {
      const auto record = records.find({Track::tuned, problem, arm, trial, tuning_seed(i)});
      if (record == records.end()) return std::nullopt;
      scores.push_back(final_validation(record->second));
    }
    tuning.means.push_back(mean(scores));
  }
  tuning.chosen = static_cast<std::size_t>(std::ranges::min_element(tuning.means) - tuning.means.begin());
  return tuning;
}

config::Value optimizer_of(const Study& study, const Records& records, const JobKey& key) {
  const Arm& arm = study.arms[key.arm];
  if (key.track != Track::tuned) return arm.document;
  const auto trial = key.trial ? static_cast<std::size_t>(*key.trial) : tuning_of(study, records, key.problem, key.arm).value().chosen;
  return arm.at(trial_points(arm, study.options.budget.trials)[trial]);
}

}  // namespace emotrain::study
