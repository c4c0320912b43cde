#include "emotrain/study/job.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <thread>

#include "emotrain/core/threads.hpp"
#include "emotrain/data/options.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/train/trainer.hpp"
#include "train/configs.hpp"

using namespace emotrain;

namespace {

Choice optimizer(const std::string& name, double lr) { return test::choose(optim::optimizers(), name, {{"lr", lr}}); }
Choice constant() { return test::choose(optim::schedulers(), "constant", {}); }

study::JobRecord minimize(const char* function, const Choice& with, Index steps = 400, std::uint64_t seed = 1) {
  const Choice schedule = constant();
  return study::run_job({*nn::find_function(function), with, schedule, steps, seed}, {10});
}

train::RunConfig moons_run(const std::string& name, double lr) {
  train::RunConfig config = test::small_run();
  config.optimizer = optimizer(name, lr);
  config.trainer.max_steps = 30;
  return config;
}

}  // namespace

TEST_CASE("functions are minimized, from the same start for every optimizer, alike each time") {
  const Choice adam = optimizer("adamw", 0.02);
  const Choice emo = optimizer("emonavi", 0.02);
  for (const nn::Function& function : nn::functions()) {
    CAPTURE(function.name);
    const study::JobRecord record = minimize(function.name, adam);
    CHECK(record.divergence.empty());
    CHECK(record.steps == 400);
    REQUIRE(record.stretches.size() == 10);
    CHECK(record.stretches.front().step == 40);
    CHECK(record.stretches.back().step == 400);
    CHECK(record.metric("value") == record.stretches.back().validation);
    std::vector<Real> start(static_cast<std::size_t>(function.dimensions));
    function.start(1, start);
    CHECK(record.metric("value") < function.value(std::vector<double>(start.begin(), start.end())));
    CHECK(record.state_bytes == 2 * sizeof(Real));
    CHECK_FALSE(record.stretches.front().scalar.has_value());
    CHECK(minimize(function.name, adam).metric("value") == record.metric("value"));
    CHECK(minimize(function.name, adam, 400, 2).metric("value") != record.metric("value"));
    const study::JobRecord felt = minimize(function.name, emo);
    CHECK(felt.stretches.front().scalar.has_value());
  }
  // One step each: what differs is one update of at most lr.
  const double first = *minimize("rastrigin", optimizer("sgd", 0), 1).stretches.front().validation;
  CHECK(*minimize("rastrigin", optimizer("lion", 0), 1).stretches.front().validation == first);
}

TEST_CASE("a job on a function is the trainer's run of it, to the bit") {
  constexpr Index steps = 150;
  for (const nn::Function& function : nn::functions()) {
    for (const char* name : {"emonavi", "adamw", "schedulefree_adamw"}) {
      CAPTURE(function.name);
      CAPTURE(name);
      train::RunConfig config;
      config.seed = 5;
      config.data = test::choose(data::datasets(), "none", {});
      config.model = test::choose(nn::models(), "function", {{"function", std::string(function.name)}});
      config.loss = test::choose(nn::losses(), "value", {});
      config.optimizer = optimizer(name, 0.02);
      config.trainer.max_steps = steps;
      config.trainer.threads = 1;
      const Choice schedule = constant();
      const study::JobRecord job = study::run_job({function, config.optimizer, schedule, steps, 5}, {steps});
      train::Trainer trainer(config, train::load_data(config));
      CHECK(trainer.steps_per_epoch() == 1);
      for (const study::Stretch& stretch : job.stretches) {
        CHECK(trainer.step().loss == stretch.loss);
        CHECK(trainer.validate().front().value == stretch.validation);
      }
      CHECK(trainer.finish().front().value == job.metric("value"));
      CHECK(trainer.finish().size() == 1);
    }
  }
}

TEST_CASE("a job that diverges is recorded as infinite") {
  const study::JobRecord record = minimize("rosenbrock", optimizer("sgd", 10));
  CHECK(record.divergence.starts_with("step "));
  CHECK(std::isinf(record.metric("value")));
  CHECK_FALSE(record.steps_to(1e-3).has_value());
  const train::RunConfig config = moons_run("sgd", 1e30);
  const study::JobRecord training = study::run_job(config, train::load_data(config), {5});
  CHECK_FALSE(training.divergence.empty());
  CHECK(training.steps < 30);
  CHECK(std::isinf(training.metric("test_loss")));
}

TEST_CASE("a training job is the trainer's run") {
  const train::RunConfig config = moons_run("emonavi", 1e-2);
  const data::Splits splits = train::load_data(config);
  const study::JobRecord record = study::run_job(config, splits, {7});
  train::Trainer trainer(config, splits);
  double loss = 0;
  while (!trainer.finished()) {
    const double last = trainer.step().loss;
    if (trainer.steps_done() <= 5) loss += last / 5;
  }
  for (const report::Metric& metric : trainer.finish()) CHECK(record.metric(metric.name) == metric.value);
  REQUIRE(record.stretches.size() == 7);
  CHECK(record.stretches[0].step == 5);
  CHECK(record.stretches[0].loss == doctest::Approx(loss).epsilon(1e-12));
  CHECK(record.stretches[6].step == 30);
  CHECK(record.stretches[6].validation == record.metric("eval_loss"));
  CHECK(record.steps_to(*record.stretches[3].validation).value() <= record.stretches[3].step);
  // More stretches than steps: one a step.
  CHECK(study::run_job(config, splits, {100}).stretches.size() == 30);
}

TEST_CASE("for a seed all optimizers get the same weights and the same batches in the same order") {
  const auto losses = [](const char* name, Index seed) {
    train::RunConfig config = moons_run(name, 0);
    config.seed = seed;
    std::vector<double> out;
    for (const study::Stretch& stretch : study::run_job(config, train::load_data(config), {30}).stretches) out.push_back(stretch.loss);
    return out;
  };
  // At no rate the loss of each step is that of its batch under the first weights.
  const std::vector<double> sgd = losses("sgd", 1);
  CHECK(sgd.size() == 30);
  CHECK(std::set<double>(sgd.begin(), sgd.end()).size() > 10);
  for (const char* name : {"adamw", "lion", "adafactor", "emonavi"}) CHECK(losses(name, 1) == sgd);
  CHECK(losses("sgd", 2) != sgd);
}

TEST_CASE("a control's own scalars are those of a run without it") {
  const auto control = [](const char* source) {
    train::RunConfig config = moons_run("emonavi", 1e-2);
    auto& emotion = dynamic_cast<optim::OptimizerOptions&>(*config.optimizer.options).emotion;
    if (std::string_view(source) != "loss") {
      emotion->source = source;
      emotion->record = study::own_record;
    }
    return study::run_job(config, train::load_data(config), {30});
  };
  const auto scalars = [](const study::JobRecord& record) {
    std::multiset<double> out;
    for (const study::Stretch& stretch : record.stretches) out.insert(stretch.scalar.value());
    return out;
  };
  const study::JobRecord wired = control("loss");
  const study::JobRecord shuffled = control("shuffled");
  // A stretch is a step: the same scalars, each once, in another order.
  CHECK(scalars(shuffled) == scalars(wired));
  CHECK(shuffled.stretches.front().scalar != wired.stretches.front().scalar);
  for (const double scalar : scalars(control("random"))) CHECK(scalars(wired).contains(scalar));
}

TEST_CASE("jobs on several threads at once are those of one after the other") {
  set_threads(1);
  const char* names[] = {"adamw", "emonavi", "lion", "sgd"};
  const train::RunConfig first = moons_run(names[0], 1e-2);
  const data::Splits splits = train::load_data(first);
  std::vector<double> alone;
  for (const char* name : names) alone.push_back(study::run_job(moons_run(name, 1e-2), splits, {3}).metric("test_loss"));
  CHECK(std::set<double>(alone.begin(), alone.end()).size() == std::size(names));
  std::vector<double> together(std::size(names));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < std::size(names); ++i) {
    threads.emplace_back([&, i] { together[i] = study::run_job(moons_run(names[i], 1e-2), splits, {3}).metric("test_loss"); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(alone == together);
}
