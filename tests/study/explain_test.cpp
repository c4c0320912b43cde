#include "emotrain/study/explain.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "emotrain/study/episodes.hpp"
#include "emotrain/study/run_page.hpp"

using namespace emotrain;
using nlohmann::json;
using study::Key;

namespace {

namespace fs = std::filesystem;

/// Recorded by tests/data/explain/record, which says what they are.
const fs::path recorded = fs::path(EMOTRAIN_TEST_DATA) / "explain";

std::vector<fs::path> recorded_runs() {
  std::vector<fs::path> runs;
  for (const auto& entry : fs::directory_iterator(recorded)) {
    if (entry.is_directory()) runs.push_back(entry.path());
  }
  std::ranges::sort(runs);
  return runs;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string decoded(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int filled = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = (bits << 6U) | static_cast<unsigned>(digits.find(c));
    filled += 6;
    if (filled < 8) continue;
    filled -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(filled) & 255U);
  }
  return out;
}

template <class T>
std::vector<T> decoded_as(const json& text) {
  const std::string bytes = decoded(text.get<std::string>());
  std::vector<T> out(bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

/// What stands between two parts of a text; empty if they are not there.
std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t at = text.find(before);
  const std::size_t end = at == std::string::npos ? at : text.find(after, at + before.size());
  return end == std::string::npos ? std::string() : text.substr(at + before.size(), end - at - before.size());
}

/// The word for a scalar by the thresholds of a run.
std::string zone_word(const study::RunRecord& run, double scalar) {
  const study::EmotionZones zones = study::zones_of(run.config);
  if (!(std::abs(scalar) > zones.mild)) return "calm";
  return std::string(std::abs(scalar) > zones.strong ? "strong " : "mild ") +
         ((scalar > 0) == study::rising_is_positive(run.config) ? "tension" : "relief");
}

/// "The short average ... is above the long one": as the record has it. Returns whether that is said.
bool check_averages(const study::StepSeries& steps, std::size_t i, const std::string& text) {
  const double of_short = steps.of(Key::ema_short)[i];
  const double of_long = steps.of(Key::ema_long)[i];
  if (text.find(" are both about ") != std::string::npos) {
    CHECK(between(text, " are both about ", ", so the scalar") == study::slot_text(of_long));
    CHECK(std::abs(of_short - of_long) <= 0.05 * std::abs(of_long));
    return true;
  }
  const char* side = of_short > of_long ? "above" : "below";
  if (text.find(" the long one (") == std::string::npos) return false;
  CHECK(between(text, " the long one (", ")") == study::slot_text(of_long));
  CHECK(text.find(std::string(side) + " the long one (") != std::string::npos);
  const std::string told = between(text, "loss (", ") is ");
  CHECK(told == (study::slot_text(of_short) == study::slot_text(of_long) ? std::string() : study::slot_text(of_short)));
  return true;
}

}  // namespace

TEST_CASE("sentences about recorded steps are these") {
  std::ifstream in(recorded / "sentences.txt");
  std::map<std::string, std::pair<study::RunRecord, study::Sentences>> runs;
  int rows = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name, expected;
    Index step = 0;
    words >> name >> step >> std::ws;
    std::getline(words, expected);
    if (!runs.contains(name)) {
      study::RunRecord run = study::read_run(recorded / name);
      study::Sentences sentences = study::explain(run);
      runs.emplace(name, std::pair(std::move(run), std::move(sentences)));
    }
    const auto& [run, sentences] = runs.at(name);
    CHECK(sentences.text(run.steps, static_cast<std::size_t>(step - run.steps.first_step)) == expected);
    ++rows;
  }
  CHECK(rows >= 40);
}

TEST_CASE("sentences say what the record shows, in every step") {
  int averages_told = 0;
  for (const fs::path& path : recorded_runs()) {
    const study::RunRecord run = study::read_run(path);
    const study::Sentences sentences = study::explain(run);
    const study::StepSeries& steps = run.steps;
    bool had_shadow = steps.first_step > 1;
    bool had_stopped = steps.first_step > 1;
    for (std::size_t i = 0; i < steps.rule.size(); ++i) {
      const std::string text = sentences.text(steps, i);
      CAPTURE(path.filename().string());
      CAPTURE(steps.first_step + static_cast<Index>(i));
      CAPTURE(text);
      const auto says = [&](const char* part) { return text.find(part) != std::string::npos; };
      CHECK(count(text, ". ") + 1 <= 3);
      CHECK(text.ends_with("."));
      CHECK(!says("{"));
      CHECK(!says("nan"));
      CHECK(!says(" inf"));
      CHECK(!says("  "));
      if (steps.rule[i] == study::StepSeries::no_rule) {
        CHECK(says("skipped"));
        CHECK(!says("took its step"));
        continue;
      }
      const double loss = steps.of(Key::loss)[i];
      const double before = i > 0 ? steps.of(Key::loss)[i - 1] : NAN;
      if (says("rose from")) CHECK(loss > before);
      if (says("fell from")) CHECK(loss < before);
      const double s = steps.of(Key::scalar)[i];
      const bool is_told = !std::isnan(s) && !std::isnan(steps.of(Key::grad_norm)[i]);
      for (const char* word : {"calm", "mild tension", "strong tension", "mild relief", "strong relief"})
        CHECK(says((": " + std::string(word)).c_str()) == (is_told && zone_word(run, s) == word));
      if (std::isnan(s)) CHECK((!says("scalar is") && !says("zones")));
      averages_told += check_averages(steps, i, text) ? 1 : 0;
      const bool has_shadow = !std::isnan(steps.of(Key::shadow_distance)[i]);
      const bool blended = steps.of(Key::ratio)[i] > 0 && had_shadow;
      CHECK(says("was blended into the weights") == blended);
      CHECK(says("as a copy of the weights") == (has_shadow && !had_shadow));
      CHECK(says("from the shadow") == has_shadow);
      CHECK(says("weights moved by") == !std::isnan(steps.of(Key::moved)[i]));
      CHECK(says("an effective") == (steps.of(Key::drive)[i] != 1 && !std::isnan(steps.of(Key::drive)[i])));
      CHECK(says("should_stop rose") == (steps.should_stop[i] != 0 && !had_stopped));
      had_shadow = had_shadow || has_shadow;
      had_stopped = had_stopped || steps.should_stop[i] != 0;
    }
  }
  CHECK(averages_told > 500);
}

TEST_CASE("braces that enclose no slot stay") {
  study::StepSeries record;
  for (auto& values : record.values) values = {2.5};
  const study::Sentences sentences{.templates = {"{x} {loss} {own} {}} {loss"}, .of = {0}, .slots = {{"own", {7}}}};
  CHECK(sentences.text(record, 0) == "{x} 2.5 7 {}} {loss");
}

TEST_CASE("values are shown with three digits of a float") {
  const std::pair<double, const char*> rows[] = {
      {0.1, "0.1"},    {-0.0, "0"},         {1234.5, "1.23e+03"}, {2.5e-7, "2.5e-07"},    {0.0001234, "0.000123"},
      {99.95, "99.9"}, {-0.8165, "-0.817"}, {86, "86"},           {1e39, "over 3.4e+38"}, {-4e38, "below -3.4e+38"}};
  for (const auto& [value, text] : rows) CHECK(study::slot_text(value) == text);
}

TEST_CASE("the payload of a run's page says what the record and the sentences say") {
  for (const fs::path& path : recorded_runs()) {
    const study::RunRecord run = study::read_run(path);
    const study::Sentences sentences = study::explain(run);
    const json payload = json::parse(study::run_payload(run));
    CAPTURE(path.filename().string());
    const auto steps = static_cast<std::size_t>(run.steps.steps());
    CHECK(payload["steps"] == steps);
    CHECK(payload["first_step"] == run.steps.first_step);
    CHECK(payload["optimizer"]["name"] == run.config.optimizer.name);
    CHECK(payload["episodes"].size() == study::episodes(run).size());
    CHECK(payload["series"].contains("scalar") == payload["zones"].is_object());
    CHECK(decoded_as<std::uint8_t>(payload["rules"]["of"]) == run.steps.rule);
    const auto losses = decoded_as<float>(payload["series"]["loss"]);
    const auto of = decoded_as<std::uint16_t>(payload["sentences"]["of"]);
    CHECK(losses.size() == steps);
    std::map<std::string, std::vector<float>> slots;
    for (const auto& [name, slot] : payload["sentences"]["slots"].items()) {
      const auto& series = payload["series"];
      slots[name] = decoded_as<float>(series.contains(slot.get<std::string>()) ? series[slot.get<std::string>()] : slot);
      CHECK(slots[name].size() == steps);
    }
    for (std::size_t i = 0; i < steps; ++i) {
      std::string text = payload["sentences"]["templates"][of[i]];
      for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{')) {
        const std::size_t close = text.find('}', open);
        text.replace(open, close - open + 1, study::slot_text(slots.at(text.substr(open + 1, close - open - 1))[i]));
      }
      CHECK(text == sentences.text(run.steps, i));
    }
    for (const char* of_details : {"norm", "moved", "shadow_distance"}) {
      for (const auto& [name, layer] : payload["details"]["layers"].items())
        CHECK(layer[of_details].size() == payload["details"]["steps"].size());
    }
  }
}

TEST_CASE("the payload says when should_stop rose") {
  study::RunRecord run = study::read_run(recorded / "quiet");
  const auto told = [&] { return json::parse(study::run_payload(run))["should_stop_at"]; };
  CHECK(told() == 32);
  run.steps.first_step = 21;
  CHECK(told() == 52);
  // Of a branch that began with the flag up nobody knows more.
  std::ranges::fill(run.steps.should_stop, 1);
  CHECK(told() == 20);
  run.steps.first_step = 1;
  CHECK(told() == 1);
  std::ranges::fill(run.steps.should_stop, 0);
  CHECK(told().is_null());
}

TEST_CASE("a run's page holds all of it, escaped, and asks nobody for anything") {
  study::RunRecord run = study::read_run(recorded / "emonavi-v1");
  run.config.name = "a</script><b>";
  std::vector<study::WhatIf> what_ifs(1);
  what_ifs[0] = {.label = "no shadow", .change = "optimizer.use_shadow=false", .fork_at = 30, .steps = run.steps, .first_difference = {}};
  const std::string page = study::run_page(run, what_ifs);
  CHECK(page == study::run_page(run, what_ifs));
  CHECK(page.find("<title>a&lt;/script&gt;&lt;b&gt;</title>") != std::string::npos);
  for (const char* place : {"{{title", "{{style", "{{run", "{{script"}) CHECK(count(page, place) == 0);
  CHECK(count(page, "<script") == count(page, "</script>"));
  CHECK(count(page, "<link") == 0);
  const std::size_t begin = page.find('>', page.find("id=\"run\"")) + 1;
  const json payload = json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  CHECK(payload["name"] == run.config.name);
  CHECK(payload["what_if"][0]["series"]["loss"] == payload["series"]["loss"]);
  CHECK(payload["what_if"][0]["first_difference"].is_null());
  CHECK(payload["thresholds"] == json({-0.6, -0.3, 0.3, 0.6}));
}
