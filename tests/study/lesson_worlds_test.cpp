#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "emotrain/core/file_system.hpp"
#include "emotrain/core/random.hpp"
#include "emotrain/study/lesson_verdict.hpp"

using namespace emotrain;
using Json = nlohmann::json;
using study::LessonSize;

namespace {

std::filesystem::path world_file(std::string_view lesson) {
  return std::filesystem::path(EMOTRAIN_TEST_DATA) / "lessons" / (std::string(lesson) + ".json");
}

double number_of(const Json& json) { return json.is_string() ? std::stod(json.get<std::string>()) : json.get<double>(); }

/// What the calls of a lesson's findings have in a world: a value, and how far it spreads over the seeds.
using World = std::map<std::string, std::pair<double, double>>;
World read_world(const Json& json) {
  World world;
  for (const auto& [text, value] : json.items()) {
    const bool has_spread = value.is_array();
    world[study::expression_text(study::parse_expression(text))] = {number_of(has_spread ? value.at(0) : value),
                                                                    has_spread ? number_of(value.at(1)) : 0.0};
  }
  return world;
}

study::LessonRecords records_in(const study::Lesson& lesson, LessonSize size, const World& world) {
  study::LessonRecords records;
  std::set<std::string> used;
  for (const study::LessonFinding& finding : lesson.findings) {
    for (const study::Expression* call : study::outer_calls(finding.value)) {
      const std::string text = study::expression_text(*call);
      const auto known = world.find(text);
      REQUIRE_MESSAGE(known != world.end(), "the world has no ", text);
      used.insert(text);
      const auto cell = std::ranges::find(lesson.cells, call->series.front().cell, &study::LessonCell::name) - lesson.cells.begin();
      const auto number = static_cast<std::uint64_t>(std::distance(world.begin(), known));
      for (Index seed = 1; seed <= lesson.size(size).seeds; ++seed) {
        const double noise =
            static_cast<double>(random_bits({.seed = number, .stream = Stream::bootstrap}, 0, static_cast<std::uint64_t>(seed))) / 0x1p31 -
            1;
        records[{static_cast<std::size_t>(cell), seed}].values[text] = known->second.first + known->second.second * noise;
      }
    }
  }
  for (const auto& [text, value] : world) CHECK_MESSAGE(used.contains(text), "no finding uses ", text);
  return records;
}

}  // namespace

TEST_CASE("each lesson's verdict holds where its claim is true, and fails where the opposite is") {
  for (const std::string_view name : study::lesson_names()) {
    CAPTURE(name);
    const study::Lesson lesson = study::find_lesson(std::string(name));
    const Json worlds = Json::parse(disk().read(world_file(name)));
    for (const auto& [world, wanted] : {std::pair("supporting", study::Verdict::holds), std::pair("opposing", study::Verdict::fails)}) {
      for (const LessonSize size : {LessonSize::smoke, LessonSize::usual, LessonSize::full}) {
        CAPTURE(world);
        const auto records = records_in(lesson, size, read_world(worlds.at(world)));
        const study::LessonVerdict verdict = study::judge(lesson, study::finding_values(lesson, size, records));
        for (std::size_t i = 0; i < lesson.findings.size(); ++i) {
          CAPTURE(lesson.findings[i].text);
          CHECK(std::string(study::name_of(verdict.findings[i].outcome)) ==
                (wanted == study::Verdict::holds ? "supported" : "contradicted"));
        }
        CHECK(verdict.verdict == wanted);
      }
    }
  }
}

TEST_CASE("lessons that come with the program have what readers want") {
  CHECK_FALSE(study::lesson_names().empty());
  for (const std::string_view name : study::lesson_names()) {
    CAPTURE(name);
    const study::Lesson lesson = study::find_lesson(std::string(name));
    CHECK(lesson.prediction);
    CHECK_FALSE(lesson.charts.empty());
    CHECK(lesson.notes.size() > 200);
    CHECK(lesson.question.ends_with("?"));
    CHECK(lesson.size(LessonSize::smoke).seeds >= 8);
  }
}
