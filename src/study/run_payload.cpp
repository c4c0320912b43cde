#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "emotrain/study/episodes.hpp"
#include "emotrain/study/explain.hpp"
#include "emotrain/study/run_page.hpp"
#include "study/base64.hpp"
#include "study/run_surface.hpp"
#include "study/temper.hpp"

namespace emotrain::study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json list_of(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(or_null(value));
  return list;
}

bool has_any(std::span<const double> values) {
  return std::ranges::any_of(values, [](double value) { return !std::isnan(value); });
}

/// Those that have any value. moved is in the details.
Json series_json(const StepSeries& steps) {
  Json out = Json::object();
  for (std::size_t key = 0; key < key_names.size(); ++key) {
    if (static_cast<Key>(key) == Key::moved || !has_any(steps.values[key])) continue;
    out[key_names[key]] = base64_floats(steps.values[key]);
  }
  if (!has_any(steps.of(Key::drive))) return out;
  std::vector<double> effective = steps.of(Key::learning_rate);
  for (std::size_t i = 0; i < effective.size(); ++i) effective[i] *= steps.of(Key::drive)[i];
  out["effective_lr"] = base64_floats(effective);
  return out;
}

/// What the scalar is compared with by shadow, rule and drive.
Json thresholds_json(const Temper& temper) {
  std::set<double> lines;
  const auto both = [&](double value) { lines.insert({value, -value}); };
  if (temper.shadow) {
    both(temper.shadow->strong);
    if (temper.shadow->mild < temper.shadow->strong) both(temper.shadow->mild);
  }
  if (temper.clan && temper.clan->choice == "by_sign") {
    lines.insert({temper.clan->lynx_above, -temper.clan->fact_above});
  } else if (temper.clan) {
    both(temper.clan->lynx_above);
    both(temper.clan->fact_above);
  }
  if (temper.rule_zones) lines.insert({temper.rule_zones->tension[0], temper.rule_zones->tension[1], -temper.rule_zones->relief});
  if (temper.emotion && temper.emotion->drive == "trust") {
    both(temper.emotion->boost_above);
    both(temper.emotion->boost_below);
    both(temper.emotion->brake_above);
  }
  Json list = Json::array();
  for (const double line : lines) {
    if (std::abs(line) > 0 && std::abs(line) < 1) list.push_back(line);
  }
  return list;
}

Json details_json(const StepSeries& steps) {
  Json moved = Json::array();
  for (const Index step : steps.details.steps)
    moved.push_back(or_null(steps.of(Key::moved)[static_cast<std::size_t>(step - steps.first_step)]));
  Json layers = Json::object();
  for (const StepSeries::Details::Layer& layer : steps.details.layers) {
    layers[layer.name] = {
        {"norm", list_of(layer.norm)}, {"moved", list_of(layer.moved)}, {"shadow_distance", list_of(layer.shadow_distance)}};
  }
  return {{"steps", steps.details.steps}, {"moved", moved}, {"layers", layers}};
}

Json evaluations_json(const StepSeries& steps) {
  Json metrics = Json::object();
  for (const auto& [name, values] : steps.evaluations.metrics) metrics[name] = list_of(values);
  return {{"steps", steps.evaluations.steps}, {"metrics", metrics}};
}

Json episodes_json(const RunRecord& run) {
  Json list = Json::array();
  for (const Episode& episode : episodes(run)) {
    list.push_back({{"kind", kind_name(episode.kind)}, {"from", episode.from}, {"to", episode.to}, {"text", episode.text}});
  }
  return list;
}

/// The step in which it rose: of a branch whose flag was up already, the one behind which it began, for it rose there or before.
Json should_stop_at(const StepSeries& steps) {
  const auto risen = std::ranges::find(steps.should_stop, 1) - steps.should_stop.begin();
  if (risen == steps.steps()) return nullptr;
  return risen == 0 ? std::max<Index>(steps.first_step - 1, 1) : steps.first_step + risen;
}

/// Names of the slots that templates use.
std::set<std::string> slots_in(const std::vector<std::string>& templates) {
  std::set<std::string> names;
  for (const std::string& text : templates) {
    for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
      if (const std::size_t close = text.find('}', open); close != std::string::npos) names.insert(text.substr(open + 1, close - open - 1));
    }
  }
  return names;
}

Json sentences_json(const RunRecord& run, const Json& series) {
  const Sentences sentences = explain(run);
  Json slots = Json::object();
  for (const std::string& name : slots_in(sentences.templates)) {
    const auto own = std::ranges::find(sentences.slots, name, [](const auto& slot) { return slot.first; });
    if (series.contains(name)) {
      slots[name] = name;
    } else if (own != sentences.slots.end()) {
      slots[name] = base64_floats(own->second);
    } else if (const auto key = std::ranges::find(key_names, name); key != key_names.end()) {
      slots[name] = base64_floats(run.steps.of(static_cast<Key>(key - key_names.begin())));
    }
  }
  return {{"templates", sentences.templates}, {"of", base64_of(std::span<const std::uint16_t>(sentences.of))}, {"slots", slots}};
}

std::string data_uri(const fs::path& file, const FileSystem& files) { return "data:image/png;base64," + base64(files.read(file)); }

/// Null if the run has none.
Json pictures_json(const fs::path& run, const FileSystem& files) {
  const fs::path folder = run / "pictures";
  if (!files.is_directory(folder) || !files.exists(folder / "originals.png")) return nullptr;
  std::set<Index> steps;
  constexpr std::string_view begin = "live-";
  for (const std::string& name : files.list(folder)) {
    Index step = 0;
    if (!name.starts_with(begin) || !name.ends_with(".png")) continue;
    const char* last = name.data() + name.size() - 4;
    if (const auto [end, error] = std::from_chars(name.data() + begin.size(), last, step); error == std::errc{} && end == last)
      steps.insert(step);
  }
  Json live = Json::array();
  Json shadow = Json::array();
  for (const Index step : steps) {
    live.push_back(data_uri(folder / fmt::format("live-{}.png", step), files));
    const fs::path of_shadow = folder / fmt::format("shadow-{}.png", step);
    shadow.push_back(files.exists(of_shadow) ? Json(data_uri(of_shadow, files)) : Json(nullptr));
  }
  constexpr int images_in_a_row = 8;
  return {{"count", images_in_a_row},
          {"originals", data_uri(folder / "originals.png", files)},
          {"steps", steps},
          {"live", live},
          {"shadow", shadow}};
}

Json what_if_json(const WhatIf& what_if) {
  return {{"label", what_if.label},
          {"fork_at", what_if.fork_at},
          {"change", what_if.change},
          {"series", series_json(what_if.steps)},
          {"first_difference", what_if.first_difference ? Json(*what_if.first_difference) : Json(nullptr)}};
}

}  // namespace

std::string run_payload(const RunRecord& run, std::span<const WhatIf> what_ifs, const FileSystem& files) {
  const StepSeries& steps = run.steps;
  const Temper temper(run.config);
  const Json config = Json::parse(run.config_text, nullptr, false);
  const Json series = series_json(steps);
  Json out{{"name", run.config.name},
           {"status", run.status},
           {"optimizer", config.is_object() ? config.value("optimizer", Json::object()) : Json::object()},
           {"edition", temper.emotion ? Json(temper.emotion->edition) : Json(nullptr)},
           {"rising_is_positive", temper.rising_is_positive},
           {"steps", steps.steps()},
           {"first_step", steps.first_step},
           {"zones", temper.emotion ? Json{{"strong", temper.zones.strong}, {"mild", temper.zones.mild}} : Json(nullptr)},
           {"thresholds", thresholds_json(temper)},
           {"series", series},
           {"rules", {{"names", steps.rules}, {"of", base64_of(std::span<const std::uint8_t>(steps.rule))}}},
           {"should_stop_at", should_stop_at(steps)},
           {"details", details_json(steps)},
           {"evaluations", evaluations_json(steps)},
           {"events", config.is_object() ? config.value("events", Json::array()) : Json::array()},
           {"episodes", episodes_json(run)},
           {"sentences", sentences_json(run, series)}};
  if (Json pictures = pictures_json(run.directory, files); !pictures.is_null()) out["pictures"] = std::move(pictures);
  if (Json surface = run_surface(run, files); !surface.is_null()) out["surface"] = std::move(surface);
  Json others = Json::array();
  for (const WhatIf& what_if : what_ifs) others.push_back(what_if_json(what_if));
  out["what_if"] = std::move(others);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace emotrain::study
