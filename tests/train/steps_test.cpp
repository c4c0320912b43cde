#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "emotrain/core/threads.hpp"
#include "emotrain/train/trainer.hpp"
#include "support/temporary_directory.hpp"
#include "train/configs.hpp"
#include "train/trainers.hpp"

/// What a step is made of: accumulated batches, clipped gradients, a scheduled learning rate.
using namespace emotrain;
using test::gradients_of;
using test::text_of;
using test::weights_of;

namespace {

/// `limit` training images in file order, not shuffled.
train::RunConfig image_run(const char* model, const char* loss, Index limit, Index batch_size, Index accumulated, double lr) {
  train::RunConfig config;
  config.data = test::mnist(limit, batch_size);
  config.model = test::choose(nn::models(), model, {});
  config.loss = test::choose(nn::losses(), loss, {});
  config.optimizer = test::choose(optim::optimizers(), "sgd", {{"lr", lr}});
  config.trainer.gradient_accumulation_steps = accumulated;
  config.trainer.threads = 1;
  return config;
}

Choice scheduler(const char* name, const test::Settings& settings) { return test::choose(optim::schedulers(), name, settings); }

}  // namespace

TEST_CASE("two batches of 32 accumulated are one of 64") {
  const train::RunConfig whole_config = image_run("mlp", "cross_entropy", 256, 64, 1, 0.1);
  const train::RunConfig halves_config = image_run("mlp", "cross_entropy", 256, 32, 2, 0.1);
  train::Trainer whole(whole_config, train::load_data(whole_config));
  train::Trainer halves(halves_config, train::load_data(halves_config));
  CHECK(halves.steps() == whole.steps());
  CHECK(halves.steps_per_epoch() == whole.steps_per_epoch());
  for (int i = 0; i < 8; ++i) {
    const report::StepRecord a = whole.step();
    const report::StepRecord b = halves.step();
    CHECK(b.step == a.step);
    CHECK(b.epoch == a.epoch);
    CHECK(b.loss == doctest::Approx(a.loss).epsilon(1e-5));
    CHECK(b.grad_norm == doctest::Approx(a.grad_norm).epsilon(1e-5));
  }
  const std::vector<Real> a = weights_of(whole);
  const std::vector<Real> b = weights_of(halves);
  double farthest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) farthest = std::max(farthest, std::abs(double{a[i]} - double{b[i]}));
  CHECK(farthest < 1e-6);
}

TEST_CASE("a step's loss is exactly the mean of its batches', each with noise of its own; an epoch's last step takes what is left") {
  for (const auto& [model, loss] : {std::pair{"mlp", "cross_entropy"}, {"conv_vae", "elbo"}}) {
    CAPTURE(std::string(model));
    // Batches of 64, 64, 64 and 8 samples. A learning rate of 0: the weights stay as they are.
    const train::RunConfig single_config = image_run(model, loss, 200, 64, 1, 0);
    train::RunConfig config = image_run(model, loss, 200, 64, 3, 0);
    config.trainer.num_train_epochs = 2;
    const data::Splits splits = train::load_data(config);
    train::Trainer single(single_config, splits);
    std::vector<double> losses;
    for (int i = 0; i < 8; ++i) losses.push_back(single.step().loss);
    train::Trainer trainer(config, splits);
    REQUIRE(trainer.steps() == 4);
    REQUIRE(trainer.steps_per_epoch() == 2);
    const double expected[] = {(losses[0] + losses[1] + losses[2]) / 3, losses[3], (losses[4] + losses[5] + losses[6]) / 3, losses[7]};
    const double epochs[] = {0.75, 1, 1.75, 2};
    for (std::size_t i = 0; i < 4; ++i) {
      const report::StepRecord record = trainer.step();
      CHECK(record.loss == expected[i]);
      CHECK(record.epoch == epochs[i]);
    }
    CHECK(trainer.finished());
  }
}

TEST_CASE("the optimizer is handed the mean loss, and more batches than an epoch has are all of it") {
  train::RunConfig config = image_run("mlp", "cross_entropy", 200, 64, 1, 0);
  const data::Splits splits = train::load_data(config);
  train::Trainer single(config, splits);
  double sum = 0;
  for (int i = 0; i < 4; ++i) sum += single.step().loss;
  config.optimizer = test::choose(optim::optimizers(), "emonavi", {});
  config.trainer.gradient_accumulation_steps = 100;
  train::Trainer trainer(config, splits);
  const report::StepRecord record = trainer.step();
  CHECK(record.loss == sum / 4);
  CHECK(record.emotion->ema_short == record.loss);
  CHECK(record.epoch == 1);
}

TEST_CASE("accumulated steps give the same bits on any number of threads") {
  train::RunConfig config = image_run("conv_vae", "elbo", 200, 64, 3, 1e-3);
  config.optimizer = test::choose(optim::optimizers(), "emonavi", {});
  const data::Splits splits = train::load_data(config);
  std::vector<std::vector<Real>> weights;
  for (const int threads : {1, 2, 4}) {
    set_threads(threads);
    train::Trainer trainer(config, splits);
    for (int i = 0; i < 4; ++i) trainer.step();
    weights.push_back(weights_of(trainer));
  }
  set_threads(1);
  CHECK(weights[1] == weights[0]);
  CHECK(weights[2] == weights[0]);
}

TEST_CASE("gradients are clipped by their norm, then by value") {
  train::RunConfig config = test::small_run("sgd");
  const data::Splits splits = train::load_data(config);
  train::Trainer free(config, splits);
  const double norm = free.step().grad_norm;
  const std::vector<Real> gradients = gradients_of(free);
  const double greatest = double{std::abs(*std::ranges::max_element(gradients, {}, [](Real x) { return std::abs(x); }))};
  for (const double max_norm : {norm / 2, norm * 2}) {
    for (const double max_value : {greatest / 8, greatest * 2}) {
      config.trainer.max_grad_norm = max_norm;
      config.trainer.max_grad_value = max_value;
      train::Trainer trainer(config, splits);
      CHECK(trainer.step().grad_norm == norm);
      const std::vector<Real> clipped = gradients_of(trainer);
      REQUIRE(clipped.size() == gradients.size());
      const Real factor = norm > max_norm ? static_cast<Real>(max_norm / (norm + 1e-6)) : Real(1);
      const auto limit = static_cast<Real>(max_value);
      for (std::size_t i = 0; i < clipped.size(); ++i) CHECK(clipped[i] == std::clamp(gradients[i] * factor, -limit, limit));
    }
  }
}

TEST_CASE("each step has its scheduled learning rate") {
  train::RunConfig config = test::small_run("sgd");
  config.scheduler = scheduler("linear", {{"warmup_steps", 4.0}});
  const double lr = dynamic_cast<optim::OptimizerOptions&>(*config.optimizer.options).lr;
  train::Trainer trainer(config, train::load_data(config));
  std::vector<Real> before = weights_of(trainer);
  for (Index step = 1; step <= 12; ++step) {
    const report::StepRecord record = trainer.step();
    CHECK(record.learning_rate == lr * (step <= 4 ? double(step - 1) / 4 : double(13 - step) / 8));
    const std::vector<Real> after = weights_of(trainer);
    CHECK((after == before) == (step == 1));
    before = after;
  }
}

TEST_CASE("max_steps and schedules count steps, not batches") {
  train::RunConfig config = image_run("mlp", "cross_entropy", 256, 32, 4, 0.1);
  config.trainer.num_train_epochs = 2;
  config.scheduler = scheduler("linear", {});
  const data::Splits splits = train::load_data(config);
  train::Trainer trainer(config, splits);
  CHECK(trainer.steps() == 4);
  for (const double rate : {0.1, 0.075, 0.05, 0.025}) CHECK(trainer.step().learning_rate == doctest::Approx(rate).epsilon(1e-15));
  config.trainer.max_steps = 5;
  CHECK(train::Trainer(config, splits).steps() == 5);
}

TEST_CASE("a plateau is found in the metric that the scheduler watches") {
  train::RunConfig config = test::small_run("sgd");
  config.scheduler = scheduler("reduce_on_plateau", {{"patience", 0.0}, {"factor", 0.5}, {"metric", std::string("eval_accuracy")}});
  const double lr = dynamic_cast<optim::OptimizerOptions&>(*config.optimizer.options).lr;
  train::Trainer trainer(config, train::load_data(config));
  const auto rate_after = [&](double loss, double accuracy) {
    trainer.observe(std::vector<report::Metric>{{"eval_loss", loss}, {"eval_accuracy", accuracy}});
    return trainer.step().learning_rate;
  };
  CHECK(trainer.step().learning_rate == lr);
  CHECK(rate_after(1, 0.5) == lr);
  CHECK(rate_after(2, 0.4) == lr);
  CHECK(rate_after(3, 0.4) == lr / 2);
  trainer.observe({});
  CHECK(trainer.step().learning_rate == lr / 2);
}

TEST_CASE("what the schedule or the stop cannot work with is told by its place") {
  struct Row {
    const char* start;
    std::function<void(train::RunConfig&)> change;
  };
  const auto plateau = [](train::RunConfig& config, const char* metric) {
    config.scheduler = scheduler("reduce_on_plateau", {{"metric", std::string(metric)}});
  };
  const Row table[] = {
      {"/scheduler/warmup_steps: 13 steps of warm-up, but the run has 12: ",
       [](auto& c) {
         c.scheduler = scheduler("cosine", {{"warmup_steps", 13.0}});
       }},
      {"/scheduler/metric: there is no eval_mse: evaluations of this model have eval_loss and eval_accuracy",
       [&](auto& c) { plateau(c, "eval_mse"); }},
      {"/scheduler/metric: there are no validation samples ",
       [&](auto& c) {
         plateau(c, "eval_loss");
         c.data = test::moons(0);
       }},
      {"/scheduler/metric: trainer.eval_steps is 0, ",
       [&](auto& c) {
         plateau(c, "eval_loss");
         c.trainer.eval_steps = 0;
       }},
      {"/trainer/stop_on_quiet: the optimizer adamw has no emotion ",
       [](auto& c) {
         c.optimizer = test::choose(optim::optimizers(), "adamw", {});
         c.trainer.stop_on_quiet = true;
       }},
  };
  for (const auto& [start, change] : table) {
    train::RunConfig config = test::small_run();
    change(config);
    const auto build = [&] { const train::Trainer trainer(config, train::load_data(config)); };
    CAPTURE(start);
    CHECK(kind_of(build) == ErrorKind::usage);
    const std::string text = text_of(build);
    CHECK_MESSAGE(text.starts_with(start), text);
  }
}
