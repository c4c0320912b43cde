#include "emotrain/train/trainer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>

#include "emotrain/core/threads.hpp"
#include "emotrain/ops/losses.hpp"
#include "support/temporary_directory.hpp"
#include "train/configs.hpp"
#include "train/evaluation.hpp"
#include "train/trainers.hpp"

using namespace emotrain;
using test::text_of;
using test::weights_of;

namespace {

double metric(const std::vector<report::Metric>& metrics, const std::string& name) {
  const auto found = std::ranges::find(metrics, name, &report::Metric::name);
  REQUIRE(found != metrics.end());
  return found->value;
}

/// The part's samples in one batch.
nn::Batch whole(const data::Dataset& set, const std::vector<std::int32_t>& indices, std::vector<std::int32_t>& labels) {
  Shape shape{static_cast<Index>(indices.size())};
  for (const Index extent : set.sample_shape) shape.push_back(extent);
  const Tensor x = Tensor::empty(shape);
  labels.resize(indices.size());
  data::gather(set, indices, x.data(), labels.data());
  return {x, labels};
}

}  // namespace

TEST_CASE("max_steps wins over num_train_epochs; records count steps and epochs") {
  train::RunConfig config = test::small_run();
  config.trainer.num_train_epochs = 2;
  const data::Splits splits = train::load_data(config);
  train::Trainer trainer(config, splits);
  CHECK(trainer.steps() == 12);
  CHECK(trainer.step().step == 1);
  const report::StepRecord second = trainer.step();
  CHECK(second.step == 2);
  CHECK(second.epoch == 2.0 / static_cast<double>(trainer.steps_per_epoch()));
  CHECK(trainer.epochs_done() == second.epoch);

  config.trainer.max_steps.reset();
  CHECK(train::Trainer(config, splits).steps() == 2 * trainer.steps_per_epoch());
}

TEST_CASE("evaluations are due each epoch, each eval_steps, or only at the end") {
  struct Row {
    std::optional<Index> eval_steps;
    std::set<Index> due;
  };
  train::RunConfig config = test::small_run();
  config.trainer.max_steps = 25;
  const data::Splits splits = train::load_data(config);
  REQUIRE(train::Trainer(config, splits).steps_per_epoch() == 10);
  for (const auto& [eval_steps, due] : {Row{std::nullopt, {10, 20}}, {0, {}}, {5, {5, 10, 15, 20}}, {100, {}}}) {
    config.trainer.eval_steps = eval_steps;
    train::Trainer trainer(config, splits);
    std::set<Index> found;
    while (trainer.steps_done() < trainer.steps()) {
      trainer.step();
      if (trainer.evaluation_due()) found.insert(trainer.steps_done());
    }
    CHECK(found == due);
  }
}

TEST_CASE("an evaluation is the mean over all samples, whatever the batch size and the loss's reduction") {
  train::RunConfig config = test::small_run();
  const data::Splits splits = train::load_data(config);
  const data::Dataset& set = *splits.test_set;
  std::vector<std::int32_t> labels;
  const nn::Batch batch = whole(set, splits.test, labels);
  REQUIRE(splits.test.size() % 7 != 0);
  for (const char* reduction : {"mean", "sum"}) {
    config.loss = test::choose(nn::losses(), "cross_entropy", {{"reduction", std::string(reduction)}});
    train::Trainer trainer(config, splits);
    const Tensor logits = trainer.model().run(batch.x, {.training = false}).output;
    const double loss{ops::cross_entropy(logits, labels, 0, ops::Reduction::mean).item()};
    double correct = 0;
    for (std::size_t i = 0; i < labels.size(); ++i)
      correct += (logits.data()[2 * i] < logits.data()[2 * i + 1]) == (labels[i] == 1) ? 1 : 0;
    for (const Index batch_size : {1, 7, 64, 100'000}) {
      const train::Scores scores = train::evaluate(trainer.model(), trainer.loss(), {set, splits.test}, batch_size, 0);
      CHECK(std::abs(scores.loss - loss) < 1e-6);
      CHECK(scores.accuracy == correct / static_cast<double>(labels.size()));
      CHECK(!scores.mse);
    }
  }
}

TEST_CASE("metrics are those of the parts that there are, and evaluating changes nothing") {
  train::RunConfig config = test::small_run();
  train::Trainer trainer(config, train::load_data(config));
  trainer.step();
  const std::vector<Real> before = weights_of(trainer);
  CHECK(trainer.validate().size() == 2);
  const auto metrics = trainer.finish();
  REQUIRE(metrics.size() == 4);
  CHECK(metric(metrics, "eval_loss") == metric(trainer.validate(), "eval_loss"));
  CHECK(metric(metrics, "eval_accuracy") >= 0);
  CHECK(metric(metrics, "test_loss") > 0);
  CHECK(metric(metrics, "test_accuracy") <= 1);
  CHECK(weights_of(trainer) == before);

  config.data = test::moons(0);
  train::Trainer without(config, train::load_data(config));
  CHECK(without.validate().empty());
  CHECK(without.finish().size() == 2);
}

TEST_CASE("a VAE's evaluation takes the same noise each time, and other noise than training") {
  train::RunConfig config;
  config.data = test::digits();
  config.model = test::small_vae();
  config.loss = test::choose(nn::losses(), "elbo", {});
  train::Trainer trainer(config, train::load_data(config));
  const auto first = trainer.finish();
  CHECK(metric(first, "eval_loss") == metric(trainer.finish(), "eval_loss"));
  CHECK(metric(first, "test_loss") > 10);
  CHECK(metric(first, "test_mse") > 0);
  CHECK(metric(first, "test_mse") < 1);
  CHECK(train::evaluation_step(0) > std::uint64_t{1} << 40U);
  CHECK(train::evaluation_step(1) != train::evaluation_step(0));
}

TEST_CASE("gradients beyond max_grad_norm are scaled to it; the record has the norm before") {
  train::RunConfig config = test::small_run("sgd");
  const double lr = dynamic_cast<optim::OptimizerOptions&>(*config.optimizer.options).lr;
  const data::Splits splits = train::load_data(config);
  train::Trainer free(config, splits);
  const double norm = free.step().grad_norm;
  for (const double limit : {norm / 8, norm * 2}) {
    config.trainer.max_grad_norm = limit;
    train::Trainer trainer(config, splits);
    const std::vector<Real> before = weights_of(trainer);
    CHECK(trainer.step().grad_norm == norm);
    const std::vector<Real> after = weights_of(trainer);
    double moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) moved += std::pow(double{after[i]} - double{before[i]}, 2);
    CHECK(std::sqrt(moved) == doctest::Approx(lr * std::min(limit, norm)).epsilon(1e-3));
  }
}

TEST_CASE("a loss or gradient that is not finite stops before the update and names step and parameter") {
  train::RunConfig config = test::small_run("sgd");
  const data::Splits splits = train::load_data(config);
  {
    train::Trainer trainer(config, splits);
    trainer.step();
    train::parameters_of(trainer.model())[2].data()[1] = std::nanf("");
    CHECK(kind_of([&] { trainer.step(); }) == ErrorKind::numeric);
    const std::string text = text_of([&] { trainer.step(); });
    CHECK_MESSAGE(text.starts_with("step 2: the loss is not a number: parameter 3.weight holds values that are not finite; "), text);
    CHECK(trainer.steps_done() == 1);
  }
  config.loss = test::choose(nn::losses(), "cross_entropy", {{"reduction", std::string("sum")}});
  train::Trainer trainer(config, splits);
  const std::vector<Tensor> parameters = train::parameters_of(trainer.model());
  // Tiny activations times huge weights: finite logits, and a gradient that overflows on its way back.
  std::ranges::fill(parameters[0].values(), Real(0));
  std::ranges::fill(parameters[1].values(), Real(1e-30));
  std::ranges::fill(parameters[2].values().first(8), Real(3e38));
  std::ranges::fill(parameters[2].values().last(8), Real(-3e38));
  const std::vector<Real> before = weights_of(trainer);
  CHECK(kind_of([&] { trainer.step(); }) == ErrorKind::numeric);
  const std::string text = text_of([&] { trainer.step(); });
  CHECK_MESSAGE(text.starts_with("step 1: the gradient of parameter 1.weight is not finite; lower optimizer.lr"), text);
  CHECK(weights_of(trainer) == before);
}

TEST_CASE("what does not fit is an error that begins with the key's pointer") {
  struct Row {
    const char* start;
    std::function<void(train::RunConfig&)> change;
  };
  const Row table[] = {
      {"/loss/name: ", [](auto& c) { c.loss = test::choose(nn::losses(), "mse", {}); }},
      {"/loss/name: ", [](auto& c) { c.model = test::choose(nn::models(), "mlp_autoencoder", {}); }},
      {"/model/name: ", [](auto& c) { c.model = test::choose(nn::models(), "cnn", {}); }},
      {"/data/",
       [](auto& c) {
         c.data = test::choose(data::datasets(), "two_moons", {{"limit", 1e6}});
       }},
      {"/data/", [](auto& c) { c.data = test::moons(0.9999); }},
      {"/model/name: the data is none", [](auto& c) { c.data = test::choose(data::datasets(), "none", {}); }},
      {"/model/name: function takes no data", [](auto& c) { c.model = test::choose(nn::models(), "function", {}); }},
      {"/loss/name: value is the loss of functions", [](auto& c) { c.loss = test::choose(nn::losses(), "value", {}); }},
      {"/loss/name: cross_entropy needs a classifier, and the model is a function: use value",
       [](auto& c) {
         c.data = test::choose(data::datasets(), "none", {});
         c.model = test::choose(nn::models(), "function", {});
       }},
      {"/trainer/metric_for_best_model: there is no eval_mse: evaluations of this model have eval_loss alone",
       [](auto& c) {
         c.data = test::choose(data::datasets(), "none", {});
         c.model = test::choose(nn::models(), "function", {});
         c.loss = test::choose(nn::losses(), "value", {});
         c.trainer.metric_for_best_model = "eval_mse";
       }},
      {"/data/batch_size: the last batch of an epoch has 1 of 65 samples",
       [](auto& c) {
         c.data = test::choose(data::datasets(), "two_moons", {{"limit", 65.0}, {"batch_size", 64.0}, {"validation_fraction", 0.0}});
         c.model = test::choose(nn::models(), "mlp", {{"norm", std::string("batch_norm")}});
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

TEST_CASE("a run's name must be a plain file name") {
  train::RunConfig config;
  for (const char* good : {"run", "mnist-cnn_1", "lr=1e-3", "A.b"}) {
    config.name = good;
    CHECK(!kind_of([&] { config.check(); }));
  }
  for (const std::string& bad : {std::string(), std::string("a/b"), std::string(".."), std::string(".hidden"), std::string("a b"),
                                 std::string("ü"), std::string("a\0b", 3), std::string(101, 'x')}) {
    config.name = bad;
    CHECK(kind_of([&] { config.check(); }) == ErrorKind::usage);
  }
}

TEST_CASE("training gives the same bits on 1, 2 and 4 threads") {
  struct Row {
    const char* model;
    const char* loss;
  };
  const data::Splits splits = [] {
    train::RunConfig config;
    config.data = test::mnist(256, 128);
    return train::load_data(config);
  }();
  for (const auto& [model, loss] : {Row{"mlp", "cross_entropy"}, {"cnn", "cross_entropy"}, {"conv_vae", "elbo"}}) {
    train::RunConfig config;
    config.data = test::mnist(256, 128);
    config.model = test::choose(nn::models(), model, {});
    config.loss = test::choose(nn::losses(), loss, {});
    std::vector<double> records[3];
    std::vector<Real> weights[3];
    constexpr int counts[] = {1, 2, 4};
    for (std::size_t i = 0; i < 3; ++i) {
      set_threads(counts[i]);
      train::Trainer trainer(config, splits);
      for (int step = 0; step < 5; ++step) {
        const report::StepRecord record = trainer.step();
        records[i].insert(records[i].end(), {record.loss, record.grad_norm, record.emotion->scalar, record.shadow_distance.value_or(-1)});
      }
      weights[i] = weights_of(trainer);
    }
    CAPTURE(std::string(model));
    CHECK(records[1] == records[0]);
    CHECK(records[2] == records[0]);
    CHECK(weights[1] == weights[0]);
    CHECK(weights[2] == weights[0]);
  }
  set_threads(1);
}
