#include "emotrain/study/report.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <algorithm>
#include <cmath>
#include <limits>

#include "study/csv_tables.hpp"
#include "study/study_files.hpp"
#include "study/svg_axis.hpp"
#include "study/svg_plot.hpp"

using namespace emotrain;
using nlohmann::json;
using study::Track;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Two arms on one problem with 10 seeds and a target of 1: the first ends at 0.1 s, the second at 0.1 s + 1 but with one that diverged.
study::Study two_arms() {
  return test::study_of(
      R"({"name": "two", "seeds": 10, "optimizers": [{"name": "adamw", "label": "x,\"y\"</script>"}, {"name": "lion"}],
    "problems": [{"name": "p", "function": "rosenbrock", "steps": 100, "target": {"value": 1}}]})");
}

study::Records two_arm_records(const study::Study& of) {
  study::Records records;
  for (std::size_t arm = 0; arm < 2; ++arm) {
    for (const Index seed : of.options.seeds) {
      study::JobRecord record;
      record.steps = 100;
      record.step_seconds = 0.5;
      record.seconds = 1;
      record.state_bytes = arm == 0 ? 8 : 4;
      const double value = 0.1 * static_cast<double>(seed) + static_cast<double>(arm);
      record.metrics = {{"value", value}};
      record.stretches = {{.step = 50, .loss = 3, .validation = value + 0.5}, {.step = 100, .loss = 2, .validation = value}};
      if (arm == 1 && seed == 10) {
        record.divergence = "step 7: the loss is infinite";
        record.metrics.clear();
        record.stretches.clear();
      }
      records[{Track::fixed, 0, arm, std::nullopt, seed}] = record;
    }
  }
  return records;
}

}  // namespace

TEST_CASE("report.json holds what the records say") {
  const study::Study of = two_arms();
  const study::Analysis analysis = study::analyze(of, two_arm_records(of));
  const json report = json::parse(study::report_json(of, analysis));
  CHECK(report["format"] == "emotrain-study-report/1");
  CHECK(report["seeds"].size() == 10);
  const json& problem = report["tracks"][0]["problems"][0];
  const json& first = problem["arms"][0];
  CHECK(first["final"]["mean"].get<double>() == doctest::Approx(0.55));
  CHECK(first["final"]["median"].get<double>() == doctest::Approx(0.55));
  CHECK(first["final"]["mean_rank"] == 1);
  CHECK(first["scores"][9] == 1.0);
  // 0.1 s + 0.5 <= 1 up to seed 5; then at the second stretch.
  CHECK(first["steps_to_target"] == json({50, 50, 50, 50, 50, 100, 100, 100, 100, 100}));
  CHECK(first["reached"] == 10);
  CHECK(first["median_steps_to_target"] == 75);
  const json& second = problem["arms"][1];
  CHECK(second["final"]["mean"] == "inf");
  CHECK(second["final"]["median"].get<double>() == doctest::Approx(1.55));
  CHECK(second["final"]["divergences"] == 1);
  CHECK(second["scores"][9] == "inf");
  CHECK(second["median_steps_to_target"] == "inf");
  CHECK(second["state_bytes"] == 4);
  const json& pair = problem["pairs"]["final"][0];
  CHECK(pair["outcome"] == "first_better");
  CHECK(pair["by_median"] == true);
  CHECK(pair["difference"].get<double>() == doctest::Approx(-1));
  CHECK(pair["p"].get<double>() == doctest::Approx(2.0 / 1024));
  CHECK(pair["correlation"] == -1);
  CHECK(pair["effect"].is_null());
  CHECK(problem["curves"][1]["validation"]["high"][1].is_number());
  CHECK(report["tracks"][0]["profile"]["fractions"] == json({std::vector<double>(61, 1.0), std::vector<double>(61, 0.0)}));
  CHECK(report["tracks"][0]["ranks"] == json({1.0, 2.0}));
  CHECK(problem["verdict"] == "x,\"y\"</script> has the lowest median value, 0.55: better than lion.");
  const json timing = json::parse(study::timing_json(of, two_arm_records(of), analysis));
  CHECK(timing["jobs"] == 20);
  CHECK(timing["tracks"][0]["problems"][0]["arms"][0]["step_microseconds"] == 5000);
  CHECK(timing["tracks"][0]["problems"][0]["arms"][0]["median_seconds_to_target"] == 0.375);
}

TEST_CASE("the page holds all of it, escaped, and asks nobody for anything") {
  const study::Study of = two_arms();
  const study::Analysis analysis = study::analyze(of, two_arm_records(of));
  const std::string report = study::report_json(of, analysis);
  const std::string page = study::report_page(of, analysis, report, "{\"seconds\": 1}");
  const auto count = [&](const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) ++found;
    return found;
  };
  CHECK(page.find("<li>Track fixed: lion against x,&quot;y&quot;&lt;/script&gt;: worse on 1 of 1 problem.</li>") != std::string::npos);
  for (const char* place : {"{{title", "{{style", "{{summary", "{{report", "{{timing", "{{script", "{{dygraphs"}) CHECK(count(place) == 0);
  CHECK(count("x,\\\"y\\\"</script>") == 0);
  CHECK(count("<script") == count("</script>"));
  CHECK(count(" src=") == 0);
  CHECK(count("<link") == 0);
  const std::size_t begin = page.find('>', page.find("id=\"report\"")) + 1;
  CHECK(json::parse(page.substr(begin, page.find("</script>", begin) - begin)) == json::parse(report));
}

TEST_CASE("tables are CSV as RFC 4180 has it") {
  const study::Study of = two_arms();
  const auto tables = study::csv_tables(of, study::analyze(of, two_arm_records(of)));
  const auto table = [&](const std::string& name) {
    return std::ranges::find(tables, name, &std::pair<std::string, std::string>::first)->second;
  };
  CHECK(table("fixed-ranks.csv") == "optimizer,mean_rank\n\"x,\"\"y\"\"</script>\",1\nlion,2\n");
  CHECK(table("fixed-scores.csv").find("p,lion,10,inf,inf,inf\n") != std::string::npos);
  CHECK(table("fixed-scores.csv").find("p,lion,1,1.1,1.1,inf\n") != std::string::npos);
  CHECK(table("fixed-pairs.csv").find("final value,\"x,\"\"y\"\"</script>\",lion,") != std::string::npos);
}

TEST_CASE("axes have round ticks within their range") {
  const struct {
    std::vector<double> values;
    bool logarithmic;
    std::vector<std::string> ticks;
  } cases[] = {
      {{0, 1}, false, {"0", "0.2", "0.4", "0.6", "0.8", "1"}},
      {{30, 600}, false, {"100", "200", "300", "400", "500", "600"}},
      {{-1, 1, infinity}, false, {"-1", "-0.5", "0", "0.5", "1"}},
      {{1e-4, 1, 0, -3}, true, {"0.0001", "0.001", "0.01", "0.1", "1"}},
      {{0.1, 2}, true, {"0.1", "0.2", "0.5", "1", "2"}},
      {{1, 3}, true, {"1", "1.5", "2", "2.5", "3"}},
      {{5}, false, {"4.6", "4.8", "5", "5.2", "5.4"}},
  };
  for (const auto& row : cases) {
    const study::SvgAxis axis(row.values, row.logarithmic);
    std::vector<std::string> ticks;
    for (const auto& tick : axis.ticks()) {
      ticks.push_back(tick.text);
      CHECK((axis.place(tick.value) > -1e-6 && axis.place(tick.value) < 1 + 1e-6));
    }
    CHECK(ticks == row.ticks);
  }
  CHECK(study::SvgAxis({infinity}, false).empty());
  CHECK(study::SvgAxis({-1}, true).empty());
}

TEST_CASE("plots leave out what cannot be shown, and escape what is written") {
  study::Plot plot{.title = "a < b",
                   .x_title = "x",
                   .y_title = "y",
                   .series = {{.label = "<s>", .x = {1, 2, 3}, .y = {1, infinity, 3}, .low = {}, .high = {}}}};
  const std::string svg = study::svg_plot(plot);
  CHECK(svg.find("a &lt; b") != std::string::npos);
  CHECK(svg.find("&lt;s&gt;") != std::string::npos);
  CHECK(svg.find("inf") == std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
  plot.series[0].y = {infinity, infinity, infinity};
  CHECK(study::svg_plot(plot).find("nothing finite to show") != std::string::npos);
}
