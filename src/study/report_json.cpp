#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "emotrain/core/machine.hpp"
#include "emotrain/study/report.hpp"
#include "emotrain/train/build_info.hpp"
#include "study/json_number.hpp"
#include "study/outcome_name.hpp"

namespace emotrain::study {
namespace {

Json numbers(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values) json.push_back(json_number(value));
  return json;
}

Json optional_number(const std::optional<double>& value) { return value ? json_number(*value) : Json(); }

Json value_json(const config::Value& value) { return Json::parse(config::json_text(value)); }

Json text_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

Json band_json(const Band& band) {
  if (band.median.empty()) return {};
  return {{"low", numbers(band.low)}, {"median", numbers(band.median)}, {"high", numbers(band.high)}};
}

Json curves_json(const Curves& curves) {
  return {{"steps", curves.steps},
          {"loss", band_json(curves.loss)},
          {"validation", band_json(curves.validation)},
          {"scalar", band_json(curves.scalar)},
          {"ratio", band_json(curves.ratio)},
          {"drive", band_json(curves.drive)},
          {"shadow_distance", band_json(curves.shadow_distance)}};
}

Json summary_json(const ArmSummary& summary) {
  return {{"mean", json_number(summary.mean)},  {"median", json_number(summary.median)},      {"low", json_number(summary.low)},
          {"high", json_number(summary.high)},  {"best", json_number(summary.best)},          {"worst", json_number(summary.worst)},
          {"divergences", summary.divergences}, {"mean_rank", json_number(summary.mean_rank)}};
}

Json arm_json(const ArmResult& arm) {
  Json json = {{"final", summary_json(arm.final)},
               {"best", summary_json(arm.best)},
               {"scores", numbers(arm.scores)},
               {"best_scores", numbers(arm.best_scores)},
               {"steps_to_target", arm.steps_to_target ? numbers(*arm.steps_to_target) : Json()},
               {"median_steps_to_target", Json()},
               {"reached", Json()},
               {"state_bytes", json_number(arm.state_bytes)},
               {"optimizer", value_json(arm.optimizer)},
               {"flags", arm.flags},
               {"notes", arm.notes}};
  if (arm.steps_to_target) {
    json["median_steps_to_target"] = json_number(median(*arm.steps_to_target));
    json["reached"] = std::ranges::count_if(*arm.steps_to_target, [](double steps) { return std::isfinite(steps); });
  }
  return json;
}

Json pairs_json(const std::vector<PairComparison>& pairs, const TrackResult& track) {
  Json json = Json::array();
  for (const PairComparison& pair : pairs) {
    json.push_back({{"first", track.arms[pair.first]},
                    {"second", track.arms[pair.second]},
                    {"difference", json_number(pair.difference)},
                    {"by_median", pair.by_median},
                    {"low", json_number(pair.interval.low)},
                    {"high", json_number(pair.interval.high)},
                    {"p", json_number(pair.test.p)},
                    {"adjusted_p", json_number(pair.adjusted_p)},
                    {"effect", std::isnan(pair.effect) ? Json() : json_number(pair.effect)},
                    {"correlation", json_number(pair.test.correlation())},
                    {"outcome", outcome_name(pair.outcome)}});
  }
  return json;
}

Json tuning_json(const TuningResult& result, const Arm& arm) {
  Json trials = Json::array();
  for (std::size_t t = 0; t < result.points.size(); ++t) {
    Json values = Json::object();
    for (std::size_t i = 0; i < arm.spaces.size(); ++i) values[arm.spaces[i].name()] = value_json(arm.spaces[i].at(result.points[t][i]));
    trials.push_back(
        {{"values", std::move(values)}, {"score", json_number(result.tuning.means[t])}, {"scores", numbers(result.tuning.scores[t])}});
  }
  const Json sensitivity = result.rates.empty() ? Json() : Json{{"lr", numbers(result.rates)}, {"score", numbers(result.rate_scores)}};
  return {{"trials", std::move(trials)},
          {"best_so_far", numbers(result.best_so_far)},
          {"chosen", result.tuning.chosen},
          {"sensitivity", sensitivity},
          {"lr_width_decades", optional_number(result.width)}};
}

Json problem_json(const Study& study, const TrackResult& track, std::size_t number) {
  const ProblemResult& problem = track.problems[number];
  Json arms = Json::array();
  Json curves = Json::array();
  Json tuning = track.track == Track::tuned ? Json::array() : Json();
  for (std::size_t place = 0; place < problem.arms.size(); ++place) {
    const ArmResult& arm = problem.arms[place];
    arms.push_back(arm_json(arm));
    curves.push_back(curves_json(arm.curves));
    if (arm.tuning) tuning.push_back(tuning_json(*arm.tuning, study.arms[track.arms[place]]));
  }
  return {{"problem", number},
          {"metric", problem.metric},
          {"steps", problem.steps},
          {"verdict", problem.verdict},
          {"arms", std::move(arms)},
          {"pairs", {{"final", pairs_json(problem.final_pairs, track)}, {"best", pairs_json(problem.best_pairs, track)}}},
          {"curves", std::move(curves)},
          {"tuning", std::move(tuning)}};
}

constexpr const char* track_descriptions[] = {
    "Every optimizer with the values that the study gives it.",
    "Every optimizer with its published defaults and a constant learning rate, for 1.5 times the steps.",
    "Every optimizer with the best of equally many trials, chosen on validation samples with seeds that are not reported.",
};

Json track_json(const Study& study, const TrackResult& track) {
  Json problems = Json::array();
  for (std::size_t i = 0; i < track.problems.size(); ++i) problems.push_back(problem_json(study, track, i));
  Json profile;
  if (track.profile) {
    profile = {{"tau", numbers(track.profile->tau)}, {"fractions", Json::array()}};
    for (const std::vector<double>& fractions : track.profile->fractions) profile["fractions"].push_back(numbers(fractions));
  }
  return {{"name", name_of(track.track)},
          {"description", track_descriptions[static_cast<std::size_t>(track.track)]},
          {"arms", track.arms},
          {"ranks", numbers(track.ranks)},
          {"profile", std::move(profile)},
          {"problems", std::move(problems)}};
}

Json problems_json(const Study& study, const Analysis& analysis) {
  Json problems = Json::array();
  // Untuned runs are longer than the problem says.
  const auto track = std::ranges::find_if(analysis.tracks, [](const TrackResult& t) { return t.track != Track::untuned; });
  const TrackResult& usual = track == analysis.tracks.end() ? analysis.tracks.front() : *track;
  for (std::size_t i = 0; i < study.problems(); ++i) {
    const ProblemOptions& options = study.problem(i);
    const ProblemResult& result = usual.problems[i];
    const bool has_target = options.target.value.has_value();
    problems.push_back({{"name", options.name},
                        {"description", text_or_null(options.description)},
                        {"metric", result.metric},
                        {"steps", result.steps},
                        {"target", has_target ? json_number(options.target->value) : Json()},
                        {"target_reason", has_target ? text_or_null(options.target->how) : Json()}});
  }
  return problems;
}

Json arms_json(const Study& study, const Analysis& analysis) {
  Json arms = Json::array();
  for (std::size_t i = 0; i < study.arms.size(); ++i) {
    Json search;
    for (const SearchSpace& space : study.arms[i].spaces) {
      if (space.kind == SearchSpace::Kind::choice) {
        for (const config::Value& choice : space.choices) search[space.name()]["choice"].push_back(value_json(choice));
      } else {
        search[space.name()] = {{space.kind == SearchSpace::Kind::uniform ? "uniform" : "log_uniform", {space.low, space.high}}};
      }
    }
    bool emotional = false;
    for (const TrackResult& track : analysis.tracks) {
      const auto place = std::ranges::find(track.arms, i) - track.arms.begin();
      if (place == std::ssize(track.arms)) continue;
      for (const ProblemResult& problem : track.problems) {
        emotional |= !problem.arms[static_cast<std::size_t>(place)].curves.scalar.median.empty();
      }
    }
    arms.push_back({{"label", study.arms[i].label},
                    {"optimizer", value_json(study.arms[i].document)},
                    {"search", std::move(search)},
                    {"emotional", emotional}});
  }
  return arms;
}

}  // namespace

std::string report_json(const Study& study, const Analysis& analysis) {
  Json tracks = Json::array();
  for (const TrackResult& track : analysis.tracks) tracks.push_back(track_json(study, track));
  namespace info = train::build_info;
  const Json json = {{"format", "emotrain-study-report/1"},
                     {"name", study.options.name},
                     {"emotrain", {{"version", info::version}, {"commit", info::commit == nullptr ? Json() : Json(info::commit)}}},
                     {"seeds", study.options.seeds},
                     {"summary", analysis.summary},
                     {"problems", problems_json(study, analysis)},
                     {"arms", arms_json(study, analysis)},
                     {"tracks", std::move(tracks)}};
  return json.dump() + "\n";
}

std::string timing_json(const Study& study, const Records& records, const Analysis& analysis) {
  double seconds = 0;
  for (const auto& [key, record] : records) seconds += record.seconds;
  Json tracks = Json::array();
  for (const TrackResult& track : analysis.tracks) {
    Json problems = Json::array();
    for (std::size_t i = 0; i < study.problems(); ++i) {
      Json arms = Json::array();
      for (const std::size_t arm : track.arms) {
        const Timing timing = timing_of(study, records, track.track, i, arm);
        arms.push_back({{"step_microseconds", timing.step_seconds ? Json(*timing.step_seconds * 1e6) : Json()},
                        {"job_seconds", timing.job_seconds},
                        {"median_seconds_to_target", optional_number(timing.seconds_to_target)}});
      }
      problems.push_back({{"problem", i}, {"arms", std::move(arms)}});
    }
    tracks.push_back({{"name", name_of(track.track)}, {"problems", std::move(problems)}});
  }
  const Json json = {{"machine", cpu_model()},
                     {"threads", std::thread::hardware_concurrency()},
                     {"jobs", records.size()},
                     {"seconds", seconds},
                     {"tracks", std::move(tracks)}};
  return json.dump() + "\n";
}

}  // namespace emotrain::study
