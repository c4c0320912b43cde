#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <numeric>

#include "emotrain/core/random.hpp"
#include "emotrain/train/extra_metrics.hpp"
#include "train/configs.hpp"
#include "train/evaluation.hpp"
#include "train/measures/extra_metrics.hpp"
#include "train/trainers.hpp"

/// trainer.extra_metrics: what evaluations have, and for which models and data.
using namespace emotrain;

namespace {

using Metrics = std::map<std::string, double>;

Metrics by_name(const std::vector<report::Metric>& metrics) {
  Metrics out;
  for (const auto& [name, value] : metrics) out[name] = value;
  return out;
}

/// `count` random images, all of them in both parts.
data::Splits random_images(const Shape& shape, Index count) {
  auto set = std::make_shared<data::Dataset>();
  set->name = "random";
  set->sample_shape = shape;
  set->size = count;
  for (Index i = 0; i < count * shape.size(); ++i)
    set->bytes.push_back(static_cast<std::uint8_t>(random_bits({.seed = 5}, 0, static_cast<std::uint64_t>(i)) & 255U));
  data::Splits splits;
  splits.training_set = set;
  splits.train.resize(static_cast<std::size_t>(count));
  std::iota(splits.train.begin(), splits.train.end(), 0);
  splits.validation = splits.train;
  return splits;
}

train::RunConfig autoencoder_run(std::vector<std::string> extra) {
  train::RunConfig config;
  config.model = test::choose(nn::models(), "mlp_autoencoder", {});
  config.loss = test::choose(nn::losses(), "mse", {});
  config.optimizer = test::choose(optim::optimizers(), "adam", {});
  config.trainer.max_steps = 3;
  config.trainer.extra_metrics = std::move(extra);
  return config;
}

/// What is measured of reconstructions that `make` makes of all samples, in batches of 7.
Metrics measured(const train::RunConfig& config, const data::Splits& splits,
                 const std::function<Real(Index sample, Index i, Real value)>& make) {
  train::Trainer trainer(config, splits);
  const data::Dataset& set = *splits.training_set;
  auto measurement = trainer.extra_metrics().measure({set, splits.train});
  REQUIRE(measurement.has_value());
  const Index extent = set.sample_shape.size();
  for (Index first = 0; first < set.size; first += 7) {
    const Index count = std::min(Index{7}, set.size - first);
    const Tensor x = Tensor::empty({count, set.sample_shape[0], set.sample_shape[1], set.sample_shape[2]});
    data::gather(set, std::span(splits.train).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)), x.data(), nullptr);
    const Tensor made = Tensor::empty(x.shape());
    for (Index i = 0; i < x.size(); ++i) made.data()[i] = make(first + i / extent, i % extent, x.data()[i]);
    measurement->add(made, x);
  }
  return by_name(measurement->metrics());
}

}  // namespace

TEST_CASE("a perfect reconstruction has no error, the mean image has 1, and half way to it has 1/4") {
  const data::Splits splits = random_images({3, 8, 10}, 30);
  const train::RunConfig config = autoencoder_run({"delta_e", "components", "bands"});
  const Index extent = 3 * 8 * 10;
  std::vector<double> mean(static_cast<std::size_t>(extent));
  for (std::size_t i = 0; i < splits.training_set->bytes.size(); ++i) mean[i % mean.size()] += splits.training_set->bytes[i] / 255.0 / 30;
  for (const double part : {0.0, 0.5, 1.0}) {
    CAPTURE(part);
    const Metrics found = measured(config, splits, [&](Index, Index i, Real value) {
      return static_cast<Real>((1 - part) * double{value} + part * mean[static_cast<std::size_t>(i)]);
    });
    CHECK(found.size() == 4 + 8 + 2);
    for (const auto& [name, value] : found) {
      CAPTURE(name);
      if (name.starts_with("delta")) {
        CHECK((value == 0) == (part == 0));
      } else {
        CHECK(value == doctest::Approx(part * part).epsilon(1e-4));
      }
    }
    CHECK(found.at("delta_e") >= found.at("delta_ab"));
  }
}

TEST_CASE("an error of one frequency is in its band alone") {
  const data::Splits splits = random_images({1, 16, 16}, 20);
  const Metrics found = measured(autoencoder_run({"bands"}), splits, [](Index, Index i, Real value) {
    // 3 of 16: band 2.
    return static_cast<Real>(double{value} + 0.1 * std::cos(2 * std::acos(-1.0) * 3 * static_cast<double>(i % 16) / 16));
  });
  CHECK(found.at("band_2") > 1e-3);
  for (const char* name : {"band_1", "band_3", "band_4"}) CHECK(found.at(name) < 1e-8);
}

TEST_CASE("there is no gap between samples and themselves, and there is one to others") {
  train::RunConfig config = autoencoder_run({"gap"});
  const data::Splits same = random_images({1, 8, 8}, 40);
  train::Trainer trainer(config, same);
  for (int step = 0; step < 3; ++step) trainer.step();
  CHECK(by_name(trainer.validate()).at("eval_gap") == 0);

  // A VAE's noise is the same too, and there is no dropout.
  config.model = test::small_vae();
  config.loss = test::choose(nn::losses(), "elbo", {});
  CHECK(by_name(train::Trainer(config, same).validate()).at("eval_gap") == 0);
  config = test::small_run("sgd");
  config.model = test::choose(nn::models(), "mlp", {{"hidden", std::vector<Index>{8}}, {"dropout", 0.5}});
  config.trainer.extra_metrics = {"gap"};
  data::Splits points = train::load_data(config);
  const Metrics apart = by_name(train::Trainer(config, points).finish());
  CHECK(apart.at("eval_gap") != 0);
  CHECK(!apart.contains("test_gap"));
  points.validation = points.train;
  CHECK(by_name(train::Trainer(config, points).finish()).at("eval_gap") == 0);

  // Every other training sample, if there are twice as many.
  points.validation.resize(points.train.size() / 2);
  train::Trainer half(config, points);
  const auto& taken = half.extra_metrics().gap_samples();
  REQUIRE(taken.size() == points.validation.size());
  CHECK(taken.front() == points.train.front());
  CHECK(taken[5] == points.train[5 * points.train.size() / taken.size()]);
}

TEST_CASE("evaluations have the metrics that are asked for, in one order, and train as without") {
  train::RunConfig config;
  config.data = test::digits();
  config.model = test::choose(nn::models(), "mlp_autoencoder", {});
  config.loss = test::choose(nn::losses(), "mse", {});
  config.trainer.max_steps = 5;
  const data::Splits splits = train::load_data(config);
  const auto names = [&](std::vector<std::string> extra, bool test) {
    config.trainer.extra_metrics = std::move(extra);
    train::Trainer trainer(config, splits);
    trainer.step();
    std::string text;
    for (const auto& [name, value] : test ? trainer.evaluate("test") : trainer.validate()) {
      CHECK(std::isfinite(value));
      text += name + " ";
    }
    return text;
  };
  CHECK(names({}, false) == "eval_loss eval_mse ");
  CHECK(names({"gap", "bands"}, false) == "eval_loss eval_mse eval_band_1 eval_band_2 eval_band_3 eval_band_4 eval_gap ");
  CHECK(names({"gap", "bands"}, true) == "test_loss test_mse test_band_1 test_band_2 test_band_3 test_band_4 ");
  const std::string all = names({"components"}, true);
  CHECK(all.ends_with("test_component_7 test_component_8 "));

  const auto weights = [&](std::vector<std::string> extra) {
    config.trainer.extra_metrics = std::move(extra);
    train::Trainer trainer(config, splits);
    for (int step = 0; step < 3; ++step) {
      trainer.step();
      trainer.validate();
    }
    return test::weights_of(trainer);
  };
  CHECK(weights({"bands", "components", "gap"}) == weights({}));
}

TEST_CASE("the bands add up to the squared error") {
  train::RunConfig config;
  config.data = test::digits();
  config.model = test::choose(nn::models(), "mlp_autoencoder", {});
  config.loss = test::choose(nn::losses(), "mse", {});
  config.trainer.extra_metrics = {"bands"};
  config.trainer.max_steps = 5;
  const data::Splits splits = train::load_data(config);
  train::Trainer trainer(config, splits);
  const Metrics found = by_name(trainer.finish());
  const data::Dataset& set = *splits.test_set;
  std::vector<Real> x(splits.test.size() * 64);
  data::gather(set, splits.test, x.data(), nullptr);
  const auto count = static_cast<double>(splits.test.size());
  for (std::size_t i = 0; i < 64; ++i) {
    double mean = 0;
    for (std::size_t at = i; at < x.size(); at += 64) mean += double{x[at]} / count;
    for (std::size_t at = i; at < x.size(); at += 64) x[at] = static_cast<Real>(double{x[at]} - mean);
  }
  const train::BandPower power = train::RadialBands(8, 8).power(x);
  double sum = 0;
  for (std::size_t band = 0; band < 4; ++band) sum += power[band] * found.at(fmt::format("test_band_{}", band + 1));
  CHECK(sum / (64 * count) == doctest::Approx(found.at("test_mse")).epsilon(1e-5));
}

TEST_CASE("autoencoders of points have components, as many as coordinates") {
  train::RunConfig config = autoencoder_run({"components"});
  config.data = test::moons();
  const Metrics found = by_name(train::Trainer(config, train::load_data(config)).finish());
  CHECK(found.size() == 4 + 4);
  CHECK(found.contains("eval_component_2"));
  CHECK(found.at("test_component_1") > 0);
}

TEST_CASE("extra metrics that fit neither model nor data are refused by their place") {
  struct Row {
    const char* text;
    std::function<void(train::RunConfig&)> change;
  };
  const Row table[] = {
      {"/trainer/extra_metrics: bands is for models that reconstruct their samples, not for classifiers; remove it",
       [](auto& c) {
         c = test::small_run();
         c.trainer.extra_metrics = {"bands"};
       }},
      {"/trainer/extra_metrics: components is for models that reconstruct their samples, not for classifiers; remove it",
       [](auto& c) {
         c = test::small_run();
         c.trainer.extra_metrics = {"gap", "components"};
       }},
      {"/trainer/extra_metrics: bands is for images, and the samples have the shape (2); remove it",
       [](auto& c) { c.data = test::moons(); }},
      {"/trainer/extra_metrics: delta_e is for images of three colours, and the samples have the shape (1,8,8); remove it",
       [](auto& c) { c.trainer.extra_metrics = {"delta_e"}; }},
      {"/trainer/extra_metrics: there are no validation samples to get eval_gap from: raise data.validation_fraction, or remove gap",
       [](auto& c) {
         c.data = test::moons(0);
         c.trainer.extra_metrics = {"gap"};
       }},
  };
  for (const auto& [text, change] : table) {
    train::RunConfig config = autoencoder_run({"bands"});
    config.data = test::digits();
    change(config);
    CHECK(test::text_of([&] { const train::Trainer trainer(config, train::load_data(config)); }) == text);
  }
  const data::Splits tiny = random_images({1, 4, 4}, 10);
  CHECK(test::text_of([&] { const train::Trainer trainer(autoencoder_run({"bands"}), tiny); }) ==
        "/trainer/extra_metrics: bands finds no frequency of band 2 in images of 4 x 4 pixels; remove it");
  train::TrainerOptions twice;
  twice.extra_metrics = {"gap", "bands", "gap"};
  CHECK(test::text_of([&] { twice.check(); }) == "extra_metrics: one is given twice; remove it");
}

TEST_CASE("the option that brings a metric is known by the metric's name") {
  const std::pair<const char*, const char*> table[] = {{"eval_band_1", "bands"},
                                                       {"test_component_8", "components"},
                                                       {"eval_delta_ab", "delta_e"},
                                                       {"test_delta_e", "delta_e"},
                                                       {"eval_gap", "gap"},
                                                       {"test_gap", ""},
                                                       {"eval_loss", ""},
                                                       {"test_error", ""},
                                                       {"value", ""}};
  for (const auto& [metric, option] : table) CHECK(train::extra_metric_of(metric) == option);
}
