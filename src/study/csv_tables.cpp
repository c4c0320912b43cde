#include "study/csv_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <limits>

#include "study/outcome_name.hpp"

namespace emotrain::study {
namespace {

/// An empty cell.
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::string cell(double value) { return std::isnan(value) ? std::string() : fmt::to_string(value); }
std::string cell(Index value) { return fmt::to_string(value); }
std::string cell(const char* text) { return text; }
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

class Csv {
 public:
  explicit Csv(const char* titles) : text_(std::string(titles) + "\n") {}

  template <class... Values>
  void row(const Values&... values) {
    std::string line;
    ((line += (line.empty() ? "" : ",") + cell(values)), ...);
    text_ += line + "\n";
  }
  std::string str() && { return std::move(text_); }

 private:
  std::string text_;
};

/// Calls `each` with the name of the problem and its number, the label of the arm and its result.
template <class Each>
void for_each_arm(const Study& study, const TrackResult& track, Each&& each) {
  for (std::size_t p = 0; p < track.problems.size(); ++p) {
    for (std::size_t a = 0; a < track.arms.size(); ++a) {
      each(study.problem(p).name, track.problems[p], study.arms[track.arms[a]].label, track.problems[p].arms[a]);
    }
  }
}

std::string results(const Study& study, const TrackResult& track) {
  Csv csv(
      "problem,metric,optimizer,mean,median,low_quartile,high_quartile,best,worst,divergences,mean_rank,best_validation_mean,"
      "best_validation_median,median_steps_to_target,bytes_per_parameter,flags,notes");
  for_each_arm(study, track, [&](const std::string& problem, const ProblemResult& result, const std::string& label, const ArmResult& arm) {
    const ArmSummary& f = arm.final;
    const double steps = arm.steps_to_target ? median(*arm.steps_to_target) : unknown;
    csv.row(problem, result.metric, label, f.mean, f.median, f.low, f.high, f.best, f.worst, f.divergences, f.mean_rank, arm.best.mean,
            arm.best.median, steps, arm.state_bytes, fmt::format("{}", fmt::join(arm.flags, "; ")),
            fmt::format("{}", fmt::join(arm.notes, "; ")));
  });
  return std::move(csv).str();
}

std::string pairs(const Study& study, const TrackResult& track) {
  Csv csv("problem,score,first,second,difference,by_median,low,high,p,adjusted_p,effect,correlation,outcome");
  for (std::size_t p = 0; p < track.problems.size(); ++p) {
    const auto add = [&](const std::string& score, const std::vector<PairComparison>& of) {
      for (const PairComparison& pair : of) {
        csv.row(study.problem(p).name, score, study.arms[track.arms[pair.first]].label, study.arms[track.arms[pair.second]].label,
                pair.difference, pair.by_median ? "yes" : "no", pair.interval.low, pair.interval.high, pair.test.p, pair.adjusted_p,
                pair.effect, pair.test.correlation(), outcome_name(pair.outcome));
      }
    };
    add("final " + track.problems[p].metric, track.problems[p].final_pairs);
    add("best validation", track.problems[p].best_pairs);
  }
  return std::move(csv).str();
}

std::string scores(const Study& study, const TrackResult& track) {
  Csv csv("problem,optimizer,seed,score,best_validation,steps_to_target");
  for_each_arm(study, track, [&](const std::string& problem, const ProblemResult&, const std::string& label, const ArmResult& arm) {
    for (std::size_t i = 0; i < arm.scores.size(); ++i) {
      const double steps = arm.steps_to_target ? (*arm.steps_to_target)[i] : unknown;
      csv.row(problem, label, study.options.seeds[i], arm.scores[i], arm.best_scores[i], steps);
    }
  });
  return std::move(csv).str();
}

std::string curves(const Study& study, const TrackResult& track) {
  Csv csv(
      "problem,optimizer,step,loss_low,loss_median,loss_high,validation_low,validation_median,validation_high,scalar_median,ratio_median,"
      "drive_median,shadow_distance_median");
  for_each_arm(study, track, [&](const std::string& problem, const ProblemResult&, const std::string& label, const ArmResult& arm) {
    const Curves& c = arm.curves;
    for (std::size_t i = 0; i < c.steps.size(); ++i) {
      const auto at = [i](const std::vector<double>& values) { return values.empty() ? unknown : values[i]; };
      csv.row(problem, label, c.steps[i], at(c.loss.low), at(c.loss.median), at(c.loss.high), at(c.validation.low), at(c.validation.median),
              at(c.validation.high), at(c.scalar.median), at(c.ratio.median), at(c.drive.median), at(c.shadow_distance.median));
    }
  });
  return std::move(csv).str();
}

std::string ranks(const Study& study, const TrackResult& track) {
  Csv csv("optimizer,mean_rank");
  for (std::size_t i = 0; i < track.arms.size(); ++i) csv.row(study.arms[track.arms[i]].label, track.ranks[i]);
  return std::move(csv).str();
}

std::string profiles(const Study& study, const TrackResult& track) {
  Csv csv("optimizer,tau,fraction");
  for (std::size_t a = 0; a < track.arms.size(); ++a) {
    for (std::size_t i = 0; i < track.profile->tau.size(); ++i) {
      csv.row(study.arms[track.arms[a]].label, track.profile->tau[i], track.profile->fractions[a][i]);
    }
  }
  return std::move(csv).str();
}

std::string trials(const Study& study, const TrackResult& track) {
  Csv csv("problem,optimizer,trial,values,score,best_so_far,chosen");
  for (std::size_t p = 0; p < track.problems.size(); ++p) {
    for (std::size_t a = 0; a < track.arms.size(); ++a) {
      const Arm& arm = study.arms[track.arms[a]];
      const TuningResult& result = *track.problems[p].arms[a].tuning;
      for (std::size_t t = 0; t < result.points.size(); ++t) {
        std::string values;
        for (std::size_t i = 0; i < arm.spaces.size(); ++i) {
          values +=
              fmt::format("{}{}={}", i == 0 ? "" : " ", arm.spaces[i].name(), config::json_text(arm.spaces[i].at(result.points[t][i])));
        }
        csv.row(study.problem(p).name, arm.label, static_cast<Index>(t + 1), values, result.tuning.means[t], result.best_so_far[t],
                t == result.tuning.chosen ? "yes" : "no");
      }
    }
  }
  return std::move(csv).str();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> csv_tables(const Study& study, const Analysis& analysis) {
  std::vector<std::pair<std::string, std::string>> tables;
  for (const TrackResult& track : analysis.tracks) {
    const auto add = [&](const char* name, std::string text) {
      tables.emplace_back(fmt::format("{}-{}.csv", name_of(track.track), name), std::move(text));
    };
    add("results", results(study, track));
    add("pairs", pairs(study, track));
    add("scores", scores(study, track));
    add("curves", curves(study, track));
    add("ranks", ranks(study, track));
    if (track.profile) add("profile", profiles(study, track));
    if (track.track == Track::tuned) add("trials", trials(study, track));
  }
  return tables;
}

}  // namespace emotrain::study
