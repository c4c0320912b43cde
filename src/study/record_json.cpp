#include "study/record_json.hpp"

#include <algorithm>

#include "emotrain/core/error.hpp"
#include "study/json_number.hpp"

namespace emotrain::study {
namespace {

struct Series {
  const char* key;
  std::optional<double> Stretch::*member;
};
constexpr Series series[] = {{"validation", &Stretch::validation},
                             {"scalar", &Stretch::scalar},
                             {"ratio", &Stretch::ratio},
                             {"drive", &Stretch::drive},
                             {"shadow_distance", &Stretch::shadow_distance}};

Json stretches_json(const std::vector<Stretch>& stretches) {
  Json json = {{"step", Json::array()}, {"loss", Json::array()}};
  for (const Stretch& stretch : stretches) {
    json["step"].push_back(stretch.step);
    json["loss"].push_back(json_number(stretch.loss));
  }
  for (const auto& [key, member] : series) {
    if (stretches.empty() || std::ranges::none_of(stretches, [&](const Stretch& s) { return (s.*member).has_value(); })) continue;
    Json& values = json[key] = Json::array();
    for (const Stretch& stretch : stretches) values.push_back(stretch.*member ? json_number(*(stretch.*member)) : Json());
  }
  return json;
}

std::vector<Stretch> parse_stretches(const Json& json) {
  std::vector<Stretch> stretches;
  for (const Json& step : json.at("step")) {
    const Json& loss = json.at("loss").at(stretches.size());
    stretches.push_back({.step = step.get<Index>(), .loss = number_of(loss)});
  }
  for (const auto& [key, member] : series) {
    if (!json.contains(key)) continue;
    for (std::size_t i = 0; i < stretches.size(); ++i) {
      const Json& value = json.at(key).at(i);
      if (!value.is_null()) stretches[i].*member = number_of(value);
    }
  }
  return stretches;
}

Json path_json(const std::vector<Point>& path) {
  Json json = Json::array();
  for (const Point& point : path) json.push_back({point[0], point[1]});
  return json;
}

std::vector<Point> parse_path(const Json& json, const char* key) {
  std::vector<Point> path;
  if (!json.contains(key)) return path;
  for (const Json& point : json.at(key)) path.push_back({point.at(0).get<double>(), point.at(1).get<double>()});
  return path;
}

/// The number of an element by its name.
template <class List, class NameOf>
std::size_t find_named(const List& list, const std::string& name, const char* kind, NameOf&& name_of) {
  const auto found = std::ranges::find_if(list, [&](const auto& element) { return name_of(element) == name; });
  if (found == std::end(list)) fail(ErrorKind::data, "the study has no {} \"{}\"", kind, name);
  return static_cast<std::size_t>(found - std::begin(list));
}

JobKey parse_key(const Study& study, const Json& json) {
  JobKey key;
  const auto text = [&](const char* member) { return json.at(member).get<std::string>(); };
  key.track = static_cast<Track>(find_named(track_names, text("track"), "track", [](const char* name) { return std::string(name); }));
  key.problem = find_named(study.options.problems.values, text("problem"), "problem", [](const ProblemOptions& p) { return p.name; });
  key.arm = find_named(study.arms, text("arm"), "optimizer", [](const Arm& arm) { return arm.label; });
  if (!json.at("trial").is_null()) key.trial = json.at("trial").get<Index>();
  key.seed = json.at("seed").get<Index>();
  return key;
}

}  // namespace

std::string record_line(const Study& study, const JobKey& key, const JobRecord& record) {
  Json metrics = Json::object();
  for (const report::Metric& metric : record.metrics) metrics[metric.name] = json_number(metric.value);
  Json json = {{"track", name_of(key.track)},
               {"problem", study.problem(key.problem).name},
               {"arm", study.arms[key.arm].label},
               {"trial", key.trial ? Json(*key.trial) : Json()},
               {"seed", key.seed},
               {"divergence", record.divergence},
               {"steps", record.steps},
               {"metrics", std::move(metrics)},
               {"state_bytes", record.state_bytes},
               {"step_seconds", record.step_seconds},
               {"seconds", record.seconds},
               {"stretches", stretches_json(record.stretches)}};
  if (!record.path.empty()) json["path"] = path_json(record.path);
  if (!record.shadow_path.empty()) json["shadow_path"] = path_json(record.shadow_path);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::pair<JobKey, JobRecord> parse_record(const Study& study, const std::string& line) {
  try {
    const Json json = Json::parse(line);
    JobRecord record;
    record.divergence = json.at("divergence").get<std::string>();
    record.steps = json.at("steps").get<Index>();
    for (const auto& [name, value] : json.at("metrics").items()) record.metrics.push_back({name, number_of(value)});
    record.state_bytes = json.at("state_bytes").get<double>();
    record.step_seconds = json.at("step_seconds").get<double>();
    record.seconds = json.at("seconds").get<double>();
    record.stretches = parse_stretches(json.at("stretches"));
    record.path = parse_path(json, "path");
    record.shadow_path = parse_path(json, "shadow_path");
    return {parse_key(study, json), std::move(record)};
  } catch (const Json::exception& error) {
    fail(ErrorKind::data, "is no record of a job ({})", error.what());
  }
}

}  // namespace emotrain::study
