#include "emotrain/train/events.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>

#include "train/active_events.hpp"
#include "train/event_lists.hpp"
#include "train/trainers.hpp"

/// What events do in their steps, and that they do nothing in others.
using namespace emotrain;
using test::event;
using test::other_digits;
using test::quiet_run;
using test::weights_of;

namespace {

constexpr Index first = 3;
constexpr Index last = 4;
constexpr Index steps = test::quiet_steps;

/// In both of the steps.
Choice lasting(const std::string& kind, const test::Settings& more = {}) {
  test::Settings settings{{"at", double(first)}, {"steps", double(last - first + 1)}};
  settings.insert(settings.end(), more.begin(), more.end());
  return event(kind, settings);
}

struct Steps {
  std::vector<report::StepRecord> records;
  std::vector<std::vector<std::string>> kinds;
  std::vector<std::vector<Real>> weights;
};

Steps steps_of(const train::RunConfig& config) {
  train::Trainer trainer(config, train::load_data(config));
  Steps out;
  while (!trainer.finished()) {
    out.records.push_back(trainer.step());
    const auto kinds = out.records.back().events;
    out.kinds.emplace_back(kinds.begin(), kinds.end());
    out.weights.push_back(weights_of(trainer));
  }
  return out;
}

/// Batches of a run as its events make them.
class Loading {
 public:
  explicit Loading(const train::RunConfig& config)
      : splits_(train::load_data(config)),
        trainer_(config, splits_),
        batches_(splits_.train, 64, true, static_cast<std::uint64_t>(config.seed)),
        loader_(*splits_.training_set, 64),
        events_(config, {splits_, batches_, loader_}, trainer_.model()) {}

  nn::Batch plain(Index step) { return loader_.load(batches_.at(step - 1).indices); }
  nn::Batch disturbed(Index step) {
    train::TrainingStep::Work work{.step = step};
    events_.begin(work);
    return events_.load(step - 1);
  }
  const data::Splits& splits() const { return splits_; }

 private:
  data::Splits splits_;
  train::Trainer trainer_;
  data::Batches batches_;
  train::BatchLoader loader_;
  train::ActiveEvents events_;
};

std::vector<std::int32_t> labels_of(const nn::Batch& batch) { return {batch.labels.begin(), batch.labels.end()}; }
std::vector<Real> values_of(const nn::Batch& batch) { return {batch.x.values().begin(), batch.x.values().end()}; }

double norm_of(const std::vector<Real>& values) {
  return std::sqrt(std::accumulate(values.begin(), values.end(), 0.0, [](double sum, Real v) { return sum + double{v} * double{v}; }));
}

}  // namespace

TEST_CASE("each kind of event changes its steps, and no other") {
  struct Row {
    const char* kind;
    std::function<Choice()> event;
    bool loss;
    bool norm;
  };
  const Row rows[] = {{"label_noise",
                       [] {
                         return lasting("label_noise", {{"fraction", 0.5}});
                       },
                       true, true},
                      {"pixel_noise", [] { return lasting("pixel_noise"); }, true, true},
                      {"one_class",
                       [] {
                         return lasting("one_class", {{"class", 3.0}});
                       },
                       true, true},
                      {"switch_data", [] { return test::switch_to(other_digits(), first, last - first + 1); }, true, true},
                      {"gradient_noise", [] { return lasting("gradient_noise"); }, false, true},
                      {"loss_offset", [] { return lasting("loss_offset"); }, true, false},
                      {"lr_factor", [] { return lasting("lr_factor"); }, false, false}};
  const Steps plain = steps_of(quiet_run());
  for (const auto& [kind, make, loss, norm] : rows) {
    CAPTURE(std::string(kind));
    train::RunConfig config = quiet_run();
    config.events.push_back(make());
    const Steps disturbed = steps_of(config);
    for (std::size_t i = 0; i < steps; ++i) {
      const report::StepRecord& a = plain.records[i];
      const report::StepRecord& b = disturbed.records[i];
      CAPTURE(b.step);
      const bool is_active = b.step >= first && b.step <= last;
      CHECK((a.loss != b.loss) == (is_active && loss));
      CHECK((a.grad_norm != b.grad_norm) == (is_active && norm));
      CHECK(disturbed.kinds[i] == (is_active ? std::vector<std::string>{kind} : std::vector<std::string>{}));
      CHECK(a.epoch == b.epoch);
    }
  }
}

TEST_CASE("an event that is not said to last is over after one step, switch_data never") {
  train::RunConfig config = quiet_run();
  config.events.push_back(event("loss_offset", {{"at", 2.0}}));
  config.events.push_back(test::switch_to(other_digits(), 3));
  config.events.push_back(event("weight_noise", {{"at", 4.0}}));
  config.events.push_back(event("loss_offset", {{"at", 6.0}}));
  config.events.push_back(event("loss_offset", {{"at", 6.0}}));
  const std::vector<std::vector<std::string>> expected = {{},
                                                          {"loss_offset"},
                                                          {"switch_data"},
                                                          {"switch_data", "weight_noise"},
                                                          {"switch_data"},
                                                          {"switch_data", "loss_offset"},
                                                          {"switch_data"}};
  CHECK(steps_of(config).kinds == expected);
}

TEST_CASE("label_noise changes so many labels to others, and no sample") {
  for (const double fraction : {0.0, 0.3, 1.0}) {
    train::RunConfig config = quiet_run();
    config.events.push_back(event("label_noise", {{"at", 1.0}, {"steps", 20.0}, {"fraction", fraction}}));
    Loading loading(config);
    double changed = 0;
    std::vector<int> seen(10);
    for (Index step = 1; step <= 20; ++step) {
      const auto labels = labels_of(loading.plain(step));
      const auto values = values_of(loading.plain(step));
      const nn::Batch batch = loading.disturbed(step);
      CHECK(values_of(batch) == values);
      for (std::size_t i = 0; i < labels.size(); ++i) {
        REQUIRE(batch.labels[i] >= 0);
        REQUIRE(batch.labels[i] < 10);
        changed += batch.labels[i] != labels[i] ? 1 : 0;
        ++seen[static_cast<std::size_t>(batch.labels[i])];
      }
    }
    const double n = 20 * 64;
    CHECK(std::abs(changed / n - fraction) <= 4 * std::sqrt(fraction * (1 - fraction) / n));
    CHECK(*std::ranges::min_element(seen) > 80);  // of 128: all classes occur
  }
}

TEST_CASE("pixel_noise adds noise of that deviation, limits images, and leaves labels") {
  train::RunConfig config = quiet_run();
  config.events.push_back(event("pixel_noise", {{"at", 2.0}, {"std", 0.1}}));
  Loading loading(config);
  CHECK(values_of(loading.disturbed(1)) == values_of(loading.plain(1)));
  const std::vector<Real> plain = values_of(loading.plain(2));
  const nn::Batch batch = loading.disturbed(2);
  CHECK(labels_of(batch) == labels_of(loading.plain(2)));
  double squares = 0;
  double inner = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const Real value = batch.x.values()[i];
    REQUIRE((value >= 0 && value <= 1));
    if (plain[i] < Real(0.4) || plain[i] > Real(0.6)) continue;  // too far away from the limits to reach them
    squares += std::pow(double{value} - double{plain[i]}, 2);
    ++inner;
  }
  REQUIRE(inner > 200);
  CHECK(std::sqrt(squares / inner) == doctest::Approx(0.1).epsilon(4 / std::sqrt(2 * inner)));
}

TEST_CASE("one_class takes its samples from the training part alone, and other batches are as they were") {
  train::RunConfig config = quiet_run();
  config.events.push_back(event("one_class", {{"at", 2.0}, {"class", 7.0}}));
  Loading loading(config);
  for (const Index step : {1, 2, 3, 60}) {
    const auto plain = labels_of(loading.plain(step));
    const auto labels = labels_of(loading.disturbed(step));
    if (step == 2) {
      CHECK(labels == std::vector<std::int32_t>(64, 7));
    } else {
      CHECK(labels == plain);
    }
  }
  const nn::Batch batch = loading.disturbed(2);
  const data::Dataset& set = *loading.splits().training_set;
  std::vector<Real> sample(64);
  std::size_t found = 0;
  for (const std::int32_t index : loading.splits().train) {
    data::gather(set, std::span(&index, 1), sample.data(), nullptr);
    for (std::size_t i = 0; i < 64; ++i) found += std::ranges::equal(batch.x.values().subspan(64 * i, 64), sample) ? 1 : 0;
  }
  CHECK(found == 64);
}

TEST_CASE("switch_data takes the other set's batches, of its own size") {
  train::RunConfig config = quiet_run();
  config.events.push_back(test::switch_to(other_digits(20), 2, 1));
  Loading loading(config);
  CHECK(values_of(loading.disturbed(1)) == values_of(loading.plain(1)));
  CHECK(values_of(loading.disturbed(3)) == values_of(loading.plain(3)));
  train::RunConfig other = quiet_run();
  other.data = other_digits(20);
  const data::Splits splits = train::load_data(other);
  data::Batches batches(splits.train, 20, true, 0);
  train::BatchLoader loader(*splits.training_set, 20);
  const nn::Batch expected = loader.load(batches.at(1).indices);
  const nn::Batch found = loading.disturbed(2);
  CHECK(values_of(found) == values_of(expected));
  CHECK(labels_of(found) == labels_of(expected));
}

TEST_CASE("events of the same step compose") {
  train::RunConfig config = quiet_run("sgd", 0.01);
  for (const double factor : {3.0, 5.0}) config.events.push_back(event("lr_factor", {{"at", 2.0}, {"factor", factor}}));
  for (const double offset : {0.25, 2.0}) config.events.push_back(event("loss_offset", {{"at", 1.0}, {"offset", offset}}));
  const Steps disturbed = steps_of(config);
  const Steps plain = steps_of(quiet_run("sgd", 0.01));
  CHECK(disturbed.records[0].loss == plain.records[0].loss + 2.25);
  CHECK(disturbed.weights[0] == plain.weights[0]);
  CHECK(disturbed.records[0].learning_rate == 0.01);
  CHECK(disturbed.records[1].learning_rate == doctest::Approx(0.15));
  CHECK(disturbed.records[2].learning_rate == 0.01);

  config.events.clear();
  config.events.push_back(event("label_noise", {{"at", 2.0}}));
  config.events.push_back(event("one_class", {{"at", 2.0}, {"class", 4.0}}));
  config.events.push_back(test::switch_to(other_digits(20), 2));
  config.events.push_back(event("pixel_noise", {{"at", 2.0}}));
  Loading loading(config);
  const nn::Batch batch = loading.disturbed(2);
  CHECK(batch.labels.size() == 20);
  CHECK(std::ranges::count(batch.labels, 4) == 0);  // every label was 4, and became another
}

TEST_CASE("gradient_noise is relative to the gradient, and comes before clipping") {
  const double plain = steps_of(quiet_run()).records[first - 1].grad_norm;
  train::RunConfig config = quiet_run();
  config.trainer.max_grad_norm = 0.01;
  for (const double std : {0.5, 3.0}) {
    config.events.clear();
    config.events.push_back(lasting("gradient_noise", {{"std", std}}));
    train::Trainer trainer(config, train::load_data(config));
    for (Index step = 1; step < first; ++step) trainer.step();
    const double norm = trainer.step().grad_norm;
    // 1210 elements: the relative deviation of their norm is about 1 / sqrt(2 * 1210).
    CHECK(norm == doctest::Approx(plain * std::sqrt(1 + std * std)).epsilon(0.1));
    CHECK(norm_of(test::gradients_of(trainer)) == doctest::Approx(0.01).epsilon(1e-3));
  }
}

TEST_CASE("weight_noise is relative to each parameter, comes before the step, and happens once") {
  const Steps plain = steps_of(quiet_run());
  train::RunConfig config = quiet_run();
  config.events.push_back(event("weight_noise", {{"at", double(first)}, {"std", 0.2}}));
  const Steps disturbed = steps_of(config);
  for (std::size_t i = 0; i < steps; ++i) {
    CHECK((disturbed.records[i].loss == plain.records[i].loss) == (i + 1 < first));
    CHECK((disturbed.weights[i] == plain.weights[i]) == (i + 1 < first));
    if (i + 1 >= first) CHECK(disturbed.weights[i] == disturbed.weights[first - 1]);  // lr is 0
  }
  train::Trainer trainer(config, train::load_data(config));
  std::size_t begin = 0;
  for (const Tensor& parameter : train::parameters_of(trainer.model())) {
    const auto size = static_cast<std::size_t>(parameter.size());
    const auto part = [&](const std::vector<Real>& all) {
      return std::vector<Real>(all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(begin + size));
    };
    std::vector<Real> moved = part(disturbed.weights.back());
    const std::vector<Real> before = part(plain.weights.back());
    for (std::size_t i = 0; i < size; ++i) moved[i] -= before[i];
    CHECK(norm_of(moved) / norm_of(before) == doctest::Approx(0.2).epsilon(4 / std::sqrt(2 * double(size))));
    begin += size;
  }
}

TEST_CASE("the emotion is handed the loss with its offset, and the update is that of the gradient") {
  train::RunConfig config = quiet_run("emonavi", 1e-3);
  config.events.push_back(event("loss_offset", {{"at", 1.0}, {"offset", 3.0}}));
  const Steps disturbed = steps_of(config);
  CHECK(disturbed.records[0].emotion->ema_short == disturbed.records[0].loss);
  CHECK(disturbed.records[0].loss == steps_of(quiet_run("emonavi", 1e-3)).records[0].loss + 3);
}

TEST_CASE("a step that fails takes its weight_noise back") {
  train::RunConfig config = quiet_run();
  config.events.push_back(event("weight_noise", {{"at", 2.0}, {"std", 1e38}}));
  train::Trainer trainer(config, train::load_data(config));
  trainer.step();
  const std::vector<Real> before = weights_of(trainer);
  for (int again = 0; again < 2; ++again) {
    CHECK(test::text_of([&] { trainer.step(); }).starts_with("step 2: the "));
    CHECK(weights_of(trainer) == before);
  }
}

TEST_CASE("validation and test samples stay those of the run's own data") {
  train::RunConfig config = quiet_run();
  const auto metrics_of = [](const train::RunConfig& of) {
    train::Trainer trainer(of, train::load_data(of));
    trainer.step();
    std::vector<double> values;
    for (const report::Metric& metric : trainer.finish()) values.push_back(metric.value);
    return values;
  };
  const std::vector<double> plain = metrics_of(config);
  config.events.push_back(test::switch_to(other_digits(), 1));
  CHECK(metrics_of(config) == plain);
}

TEST_CASE("a step that is skipped keeps neither its weight_noise nor an offset beyond all numbers") {
  for (const char* kind : {"weight_noise", "loss_offset"}) {
    CAPTURE(kind);
    const bool is_offset = std::string(kind) == "loss_offset";
    train::RunConfig config = quiet_run("emonavi", 1e-3);
    for (int i = 0; i < 2; ++i) {
      config.events.push_back(is_offset ? event(kind, {{"at", 2.0}, {"offset", 1e308}}) : event(kind, {{"at", 2.0}, {"std", 1e38}}));
    }
    config.trainer.on_nonfinite = "skip";
    train::Trainer trainer(config, train::load_data(config));
    trainer.step();
    const std::vector<Real> before = weights_of(trainer);
    const report::StepRecord skipped = trainer.step();
    CHECK(skipped.fault.starts_with("step 2: the "));
    CHECK(skipped.rule.empty());
    CHECK(weights_of(trainer) == before);
    CHECK(trainer.step().fault.empty());
  }
}
