#include "emotrain/study/study.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "emotrain/core/error.hpp"
#include "emotrain/core/file_system.hpp"
#include "emotrain/study/execution.hpp"
#include "study/study_files.hpp"

using namespace emotrain;
using study::Track;

namespace {

double number(const config::Value& value) { return std::get<config::Number>(value.data).value; }

std::string first_problem(const std::string& text) {
  try {
    test::study_of(text);
  } catch (const config::ConfigError& error) {
    return error.problems().front().pointer + ": " + error.problems().front().text;
  }
  return "accepted";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a study is read with its problems, arms and search spaces, and reads its own text back") {
  const study::Study study = test::study_of(test::quadratic_study);
  CHECK(study.problems() == 1);
  CHECK(study.problem(0).function == "noisy_quadratic");
  CHECK(study.problem(0).target->value > 0);
  REQUIRE(study.arms.size() == 5);
  CHECK(study.arms[0].label == "adamw");
  CHECK(study.arms[1].label == "twin");
  CHECK(study.arms[4].label == "sgd");
  CHECK(study.options.seeds == std::vector<Index>{1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(study.options.tracks == std::vector<std::string>{"fixed", "tuned"});
  CHECK(study.arms_of(Track::fixed) == std::vector<std::size_t>{0, 1, 2});
  CHECK(study.arms_of(Track::tuned) == std::vector<std::size_t>{3, 4});
  REQUIRE(study.arms[4].spaces.size() == 2);
  CHECK(study.arms[4].spaces[0].name() == "lr");
  CHECK(study.arms_of(Track::untuned).empty());
  CHECK(test::study_of(study.text).text == study.text);
}

TEST_CASE("in the track untuned each optimizer takes part once, under its own name") {
  const study::Study study = test::study_of(R"({"problems": ["rosenbrock"], "seeds": 1, "tracks": ["untuned"], "optimizers": [
    {"name": "emonavi", "use_shadow": false, "label": "no shadow"}, {"edition": "v1", "name": "emonavi", "lr": 3},
    {"name": "emonavi", "edition": {"choice": ["v1", "v3.6"]}, "label": "x"}, {"name": "emonavi", "edition": "v3.6"},
    {"name": "adam", "lr": {"uniform": [0, 1]}}]})");
  std::vector<std::string> labels;
  for (const std::size_t arm : study.arms_of(Track::untuned)) {
    labels.push_back(study.arms[arm].label);
    CHECK(study.arms[arm].document.find("lr") == nullptr);
    CHECK(study.arms[arm].document.find("use_shadow") == nullptr);
  }
  CHECK(labels == std::vector<std::string>{"emonavi, defaults", "emonavi v3.6, defaults", "adam, defaults"});
  CHECK(study::expand(study).size() == 3);
  CHECK(test::study_of(study.text).text == study.text);
}

TEST_CASE("search spaces: ends, middles, choices and edges") {
  const study::Study study = test::study_of(test::quadratic_study);
  const study::SearchSpace& rate = study.arms[4].spaces[0];
  CHECK(number(rate.at(0)) == 1e-3);
  CHECK(number(rate.at(0.5)) == doctest::Approx(0.1));
  CHECK(number(rate.at(1)) == 10);
  CHECK(rate.at_edge(0.05));
  CHECK_FALSE(rate.at_edge(0.5));
  CHECK(rate.at_edge(0.95));
  const study::SearchSpace& momentum = study.arms[4].spaces[1];
  CHECK(number(momentum.at(0.49)) == 0);
  CHECK(number(momentum.at(0.5)) == 0.5);
  CHECK(number(momentum.at(0.999)) == 0.5);
  CHECK_FALSE(momentum.at_edge(0.01));
  const config::Value document = study.arms[4].at(std::vector<double>{0.5, 0.5});
  CHECK(number(document.find("lr")->value) == doctest::Approx(0.1));
  CHECK(number(document.find("momentum")->value) == 0.5);
  const auto points = study::trial_points(study.arms[4], 8);
  REQUIRE(points.size() == 8);
  CHECK(points[0] == std::vector<double>{0.5, 0.5});
  for (const auto& point : points) CHECK(*std::ranges::min_element(point) > 0);
}

TEST_CASE("every problem of the zoo is one, with a target and how it was set") {
  CHECK(study::zoo().size() >= 13);
  for (const study::ZooEntry& entry : study::zoo()) {
    CAPTURE(std::string(entry.name));
    const study::Study study =
        test::study_of(R"({"problems": [")" + std::string(entry.name) + R"("], "seeds": 1, "optimizers": [{"name": "adamw"}]})");
    const study::ProblemOptions& problem = study.problem(0);
    CHECK(problem.description.has_value());
    CHECK(problem.metric.has_value());
    REQUIRE(problem.target);
    CHECK(problem.target->how.value_or("").size() > 20);
  }
}

TEST_CASE("faults of studies have a place and a remedy") {
  const std::string optimizers = R"("optimizers": [{"name": "adamw"}])";
  const std::string problems = R"("problems": ["rosenbrock"])";
  const struct {
    std::string text;
    const char* problem;
  } cases[] = {
      {"{" + problems + R"(, "seeds": 2})", "/optimizers: there is none"},
      {R"({"seeds": 2, )" + optimizers + "}", "/problems: there is none"},
      {"{" + problems + ", " + optimizers + "}", "/seeds: there is none"},
      {"{" + problems + R"(, "seeds": [1, 1], )" + optimizers + "}", "/seeds: one is given twice"},
      {"{" + problems + R"(, "seeds": [1000000], )" + optimizers + "}", "/seeds/0: must be"},
      {"{" + problems + R"(, "seeds": 2, "tracks": ["best"], )" + optimizers + "}", "/tracks: there is no track \"best\""},
      {R"({"problems": ["rosenbrock", "rosenbrock"], "seeds": 2, )" + optimizers + "}", "/problems: two are called rosenbrock"},
      {R"({"problems": [{"name": "p"}], "seeds": 2, )" + optimizers + "}", "/problems/0/run: is missing"},
      {R"({"problems": [{"name": "p", "function": "parabola", "steps": 3}], "seeds": 2, )" + optimizers + "}",
       "/problems/0/function: there is no function parabola"},
      {R"({"problems": [{"name": "p", "function": "rosenbrock"}], "seeds": 2, )" + optimizers + "}", "/problems/0/steps: is missing"},
      {R"({"problems": [{"name": "p", "run": {"model": {"name": "mpl"}}}], "seeds": 2, )" + optimizers + "}", "did you mean \"mlp\"?"},
      {"{" + problems + R"(, "seeds": 2, "optimizers": [{"name": "adam", "label": 3}]})", "/optimizers/0/label: expected a string"},
      {"{" + problems + R"(, "seeds": 2, "optimizers": [{"name": "adamw", "lr": {"uniform": [1, 2, 3]}}]})", "the two ends of a range"},
      {"{" + problems + R"(, "seeds": 2, "optimizers": [{"name": "adamw", "amsgrad": {"choice": [true, 2]}}]})", "/optimizers/0/amsgrad"},
      {"{" + problems + R"(, "seeds": 2, "tracks": ["tuned"], )" + optimizers + "}", "/tracks/0: no optimizer has a search space"},
      {"{" + problems + R"(, "seeds": 2, "tracks": ["fixed", "fixed"], )" + optimizers + "}", "/tracks: one is given twice"},
      {"{" + problems + R"(, "seeds": 0, )" + optimizers + "}", "/seeds: expected how many, 1 to 100000"},
      {R"({"problems": "rosenbrock", "seeds": 2, )" + optimizers + "}", "/problems: expected a list"},
      {"{" + problems + R"(, "seeds": 2, "optimizers": [{"name": {"choice": ["adam", "sgd"]}}]})",
       "/optimizers/0/name: the name is not searched"},
      {"{" + problems + R"(, "seeds": 2, "optimizers": [{"name": "adam", "lr": {"uniform": [1, 2], "choice": [1]}}]})",
       "is one of log_uniform"},
      {"{" + problems + R"(, "seeds": 2, "optimizers": [{"name": "adam", "betas": [{"uniform": [0, 1]}, 0.9]}]})",
       "a list is searched as a whole"},
      {R"({"problems": [{"name": "p", "function": "rosenbrock", "steps": 3, "metric": "test_error"}], "seeds": 2, )" + optimizers + "}",
       "/problems/0/metric: a function has its value alone"},
      {R"({"name": "a/b", "seeds": 2, )" + problems + ", " + optimizers + "}", "/name: it names files"},
      {R"({"problems": [{"name": "../p", "function": "rosenbrock", "steps": 3}], "seeds": 2, )" + optimizers + "}",
       "/problems/0/name: it names files"},
      {"{" + problems + R"(, "seeds": 2, "optimizers": [{"name": "adam", "label": "a\nb"}]})", "/optimizers/0/label: expected a string"},
      {"{" + problems + R"(, "seeds": 2, "budget": {"trails": 3}, )" + optimizers + "}", "did you mean \"trials\"?"},
  };
  for (const auto& row : cases) {
    CAPTURE(row.text);
    const std::string problem = first_problem(row.text);
    CHECK_MESSAGE(contains(problem, row.problem), problem);
  }
}

TEST_CASE("docs/study.schema.json is what emotrain schema --study prints; the shipped studies are right") {
  CHECK(disk().read(EMOTRAIN_SOURCE "/docs/study.schema.json") == study::study_schema());
  for (const char* name : {"small", "emo-family"}) {
    const study::Study study = study::load_study(std::string(EMOTRAIN_SOURCE "/configs/studies/") + name + ".json");
    CHECK(study.options.seeds.size() >= 8);
  }
}

TEST_CASE("a thousand jobs expand in no time, each once, and shards take whole arms") {
  const study::Study study = test::study_of(R"({"problems": ["rosenbrock", "rastrigin"], "seeds": 100, "budget": {"trials": 50},
    "optimizers": [{"name": "adamw"}, {"name": "lion"}, {"name": "sgd", "lr": {"log_uniform": [1e-4, 1]}}, {"name": "adam"}]})");
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<study::JobKey> jobs = study::expand(study);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
  CHECK(jobs.size() == 2 * (3 * 100 + 50 + 100));
  std::vector<study::JobKey> together;
  for (Index shard = 1; shard <= 3; ++shard) {
    const auto part = study::jobs_of(study, {shard, 3});
    CHECK(part.size() > jobs.size() / 5);
    for (const study::JobKey& job : part) {
      const bool whole = std::ranges::all_of(jobs, [&](const study::JobKey& other) {
        const bool same = other.track == job.track && other.problem == job.problem && other.arm == job.arm;
        return !same || std::ranges::find(part, other) != part.end();
      });
      if (job.seed == 1) CHECK(whole);
    }
    together.insert(together.end(), part.begin(), part.end());
  }
  CHECK(together.size() == jobs.size());
  for (const study::JobKey& job : jobs) CHECK(std::ranges::count(together, job) == 1);
  // Reported seeds are none of the tuning's.
  for (const study::JobKey& job : jobs) CHECK((job.seed >= study::tuning_seed(0)) == job.trial.has_value());
}
