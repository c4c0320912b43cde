#include "emotrain/study/execution.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "emotrain/core/error.hpp"
#include "emotrain/study/analysis.hpp"
#include "emotrain/study/report.hpp"
#include "study/record_json.hpp"
#include "study/study_files.hpp"
#include "support/memory_files.hpp"

using namespace emotrain;
using study::Track;

namespace {

struct Counter final : study::Watcher {
  int begun = 0;
  int ended = 0;
  std::multiset<study::JobKey> keys;

  void begin(const study::JobKey& key) override {
    ++begun;
    // What is reported of a tuned arm comes after all of its trials.
    if (key.track == Track::tuned && !key.trial) {
      CHECK(std::ranges::count_if(keys, [&](const study::JobKey& done) { return done.trial && done.arm == key.arm; }) == 32);
    }
  }
  void end(const study::JobKey& key, const study::JobRecord&) override {
    ++ended;
    keys.insert(key);
  }
  void tick() override {}
};

std::string text_of(const std::filesystem::path& path) { return disk().read(path); }

study::Records run_all(const study::Study& study, int workers) {
  const data::TempFolder folder;
  study::RecordFile file(study, folder.str());
  const study::Workbench workbench(study);
  Counter counter;
  CHECK(study::execute(study, workbench, file, {.workers = workers, .watcher = &counter}));
  CHECK(counter.begun == counter.ended);
  CHECK(counter.keys.size() == study::expand(study).size());
  CHECK(std::set(counter.keys.begin(), counter.keys.end()).size() == counter.keys.size());
  return study::read_records(study, folder.str());
}

}  // namespace

TEST_CASE("all jobs are done once, tuned ones after their trials, with the same result however many at a time") {
  const study::Study study = test::study_of(test::quadratic_study);
  const study::Records one = run_all(study, 1);
  const study::Records three = run_all(study, 3);
  const study::Analysis analysis = study::analyze(study, one);
  CHECK(study::report_json(study, analysis) == study::report_json(study, study::analyze(study, three)));

  REQUIRE(analysis.tracks.size() == 2);
  const study::ProblemResult& fixed = analysis.tracks[0].problems[0];
  CHECK(fixed.metric == "value");
  CHECK(fixed.steps == 200);
  REQUIRE(fixed.final_pairs.size() == 3);
  CHECK(fixed.final_pairs[0].outcome == study::Outcome::identical);
  CHECK(fixed.arms[0].scores == fixed.arms[1].scores);
  CHECK(fixed.verdict.find("identical with") != std::string::npos);
  CHECK(fixed.arms[0].curves.scalar.median.empty());
  CHECK(fixed.arms[2].curves.scalar.median.size() == 20);
  // The narrow search ends at its edge: it loses by far, and nobody wins.
  const study::ProblemResult& tuned = analysis.tracks[1].problems[0];
  REQUIRE(tuned.arms[0].flags.size() == 1);
  CHECK(tuned.arms[0].flags[0].find("lr 0.000") == 0);
  CHECK(tuned.arms[1].flags.empty());
  CHECK(tuned.arms[0].final.mean > 2 * tuned.arms[1].final.mean);
  CHECK(tuned.final_pairs[0].outcome == study::Outcome::not_declared);
  CHECK(tuned.arms[0].tuning->best_so_far.back() == tuned.arms[0].tuning->tuning.means[tuned.arms[0].tuning->tuning.chosen]);
  CHECK(std::ranges::is_sorted(tuned.arms[1].tuning->rates));
}

TEST_CASE("an interrupted study keeps what it has, and goes on") {
  const study::Study study = test::study_of(test::quadratic_study);
  const data::TempFolder folder;
  const study::Workbench workbench(study);
  Counter counter;
  {
    study::RecordFile file(study, folder.str());
    CHECK_FALSE(
        study::execute(study, workbench, file, {.workers = 2, .watcher = &counter, .interrupted = [&] { return counter.ended > 20; }}));
  }
  const auto kept = study::read_records(study, folder.str()).size();
  const auto all = study::expand(study).size();
  CHECK(kept > 20);
  CHECK(kept < 30);
  CHECK_THROWS_WITH_AS(study::analyze(study, study::read_records(study, folder.str())), doctest::Contains("jobs are missing"), Error);
  study::RecordFile file(study, folder.str());
  CHECK(study::execute(study, workbench, file, {.workers = 2, .watcher = &counter}));
  CHECK(counter.ended == static_cast<int>(all));
}

TEST_CASE("what goes wrong outside the jobs ends the study with that error, and nothing is written behind a torn line") {
  const study::Study study = test::study_of(test::quadratic_study);
  const study::Workbench workbench(study);
  for (const int workers : {1, 4}) {
    CAPTURE(workers);
    test::MemoryFiles files;
    files.create_directories("s");
    study::RecordFile file(study, "s", files);
    struct Throwing final : study::Watcher {
      int left = 10;
      void begin(const study::JobKey&) override {}
      void end(const study::JobKey&, const study::JobRecord&) override {
        if (--left < 0) throw Error(ErrorKind::io, "the terminal is gone");
      }
      void tick() override {}
    } watcher;
    CHECK_THROWS_WITH_AS(study::execute(study, workbench, file, {.workers = workers, .watcher = &watcher}), "the terminal is gone", Error);
    CHECK(file.records().size() == 10);
    CHECK(watcher.left == -1);
    CHECK(study::read_records(study, "s", files).size() == 10);
  }
}

TEST_CASE("what does not fit is told before the first job, with the problem and the optimizer") {
  const auto told = [](const std::string& problem, const std::string& optimizers, const char* what) {
    CAPTURE(problem);
    const study::Study study =
        test::study_of(R"({"seeds": 2, "problems": [{"name": "p", )" + problem + R"(}], "optimizers": [)" + optimizers + "]}");
    CHECK_THROWS_WITH_AS(study::Workbench bench(study), doctest::Contains(what), Error);
  };
  const auto run = [](const std::string& data, const std::string& model = "mlp") {
    return R"("run": {"data": {"name": "two_moons", )" + data + R"(}, "model": {"name": ")" + model + R"("}, "trainer": {"max_steps": 4}})";
  };
  const std::string adam = R"({"name": "adam"})";
  told(run(R"("validation_fraction": 0)"), R"({"name": "adam", "lr": {"uniform": [0, 1]}})", "no validation samples to tune on");
  told(run(R"("validation_fraction": 0)") + R"(, "target": {"value": 1})", adam, "no validation samples to reach the target on");
  told(run(R"("validation_fraction": 0)") + R"(, "metric": "eval_loss")", adam, "no validation samples for eval_loss");
  told(run(R"("test_fraction": 0)") + R"(, "metric": "test_loss")", adam, "no test samples for test_loss");
  told(run(R"("batch_size": 8)", "mlp_autoencoder") + R"(, "metric": "test_error")", adam, "only classifiers have test_error");
  told(run(R"("batch_size": 8)", "mlp_autoencoder") + R"(, "metric": "test_component_1")", adam,
       "/problems/0/run/trainer/extra_metrics: the metric test_component_1 takes components: add it");
  told(R"("run": {"data": {"name": "two_moons"}, "model": {"name": "mlp_autoencoder"}, "loss": {"name": "mse"},
       "trainer": {"max_steps": 4, "extra_metrics": ["components"]}}, "metric": "eval_component_3")",
       adam, "/data: samples of 2 values have no eval_component_3");
  told(R"("function": "rosenbrock", "steps": 9)", R"({"name": "emonavi", "emotion": {"source": "random", "record": "m.jsonl"}})",
       "the problem p with emonavi: /optimizer/emotion/record");
  told(run(R"("validation_fraction": 0, "test_fraction": 0)"), adam, "neither test nor validation samples");
  told(R"("run": {"data": {"name": "two_moons"}, "model": {"name": "mlp"}, "trainer": {"max_steps": 4},
       "scheduler": {"name": "linear", "warmup_steps": 9}})",
       adam, "warmup_steps");
}

TEST_CASE("records keep every digit, and what is not finite; a line that was cut is left out, a wrong one is named") {
  const study::Study study = test::study_of(test::quadratic_study);
  const double infinity = std::numeric_limits<double>::infinity();
  study::JobRecord record;
  record.divergence = "step 3: \"inf\"";
  record.steps = 3;
  record.metrics = {{"value", 0.1}, {"other", infinity}};
  record.state_bytes = 8;
  record.stretches = {{.step = 1, .loss = 1.0 / 3, .validation = 2e-308, .scalar = -0.5},
                      {.step = 3, .loss = infinity, .validation = -infinity}};
  const study::JobKey key{Track::tuned, 0, 4, 7, study::tuning_seed(1)};
  const data::TempFolder folder;
  { study::RecordFile(study, folder.str()).add(key, record); }
  const std::string whole = text_of(folder / "records.jsonl");
  folder.write("records.jsonl", whole + whole.substr(0, whole.size() / 2));
  const study::Records read = study::RecordFile(study, folder.str()).records();
  REQUIRE(read.size() == 1);
  CHECK(read.begin()->first == key);
  CHECK(study::record_line(study, key, read.begin()->second) + "\n" == whole);
  CHECK(text_of(folder / "records.jsonl") == whole);
  const study::JobRecord& back = read.begin()->second;
  CHECK(back.stretches[0].loss == 1.0 / 3);
  CHECK(back.stretches[0].validation == 2e-308);
  CHECK_FALSE(back.stretches[1].scalar.has_value());
  CHECK(std::isinf(back.stretches[1].loss));

  for (const char* wrong : {"{}", "[1", "null", R"({"track": "best"})"}) {
    folder.write("records.jsonl", whole + wrong + "\n");
    CHECK_THROWS_WITH_AS(study::read_records(study, folder.str()), doctest::Contains("records.jsonl:2: "), Error);
  }
}
