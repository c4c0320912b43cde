#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

#include "allocations/malloc_count.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/optim/schedule.hpp"
#include "emotrain/report/metrics_file.hpp"
#include "emotrain/report/progress.hpp"
#include "emotrain/report/tensorboard_file.hpp"
#include "emotrain/train/trainer.hpp"
#include "optim/cases.hpp"
#include "support/temporary_directory.hpp"
#include "train/configs.hpp"
#include "train/event_lists.hpp"

using namespace emotrain;

namespace {

struct alignas(64) Line {
  char bytes[64];
};

/// The optimizer would be free to leave out a pair of new and delete.
template <class T>
void touch(T* block) {
  asm volatile("" : : "r"(block) : "memory");
}

double seconds() {
  static double now = 0;
  return ++now;
}

train::RunConfig config_of(const std::string& model, const std::string& loss, const std::string& optimizer) {
  train::RunConfig config;
  config.data = test::mnist(200);  // 4 steps an epoch, the last batch smaller
  dynamic_cast<data::DataOptions&>(*config.data.options).shuffle = true;
  config.model = test::choose(nn::models(), model, {});
  config.loss = test::choose(nn::losses(), loss, {});
  config.optimizer = test::choose(optim::optimizers(), optimizer, {});
  config.trainer.max_steps = 1000;
  config.trainer.max_grad_norm = 0.5;
  config.trainer.max_grad_value = 0.1;
  config.scheduler = test::choose(optim::schedulers(), "cosine_with_restarts", {{"T_0", 7.0}, {"warmup_steps", 10.0}});
  return config;
}

}  // namespace

TEST_CASE("the count sees every way to the heap") {
  long before = malloc_count();
  const auto counted = [&] { return malloc_count() - std::exchange(before, malloc_count()); };
  void* block = std::malloc(100);
  touch(block);
  CHECK(counted() == 1);
  block = std::realloc(block, 10'000);
  touch(block);
  CHECK(counted() == 1);
  std::free(block);
  const auto array = std::make_unique<int[]>(100);
  touch(array.get());
  CHECK(counted() == 1);
  const auto aligned = std::make_unique<Line>();
  touch(aligned.get());
  CHECK(counted() == 1);
}

TEST_CASE("a shadow that begins late takes nothing from the heap") {
  const Tensor weight = Tensor::full({100, 100}, 1);
  const Choice choice = test::choose(optim::optimizers(), "emonavi", {});
  const auto optimizer = dynamic_cast<const optim::OptimizerOptions&>(*choice.options).build({weight});
  const auto step = [&](Index number, double loss) {
    const auto sink = weight.grad_sink();
    std::fill_n(sink.data, weight.size(), Real(0.1));
    return optimizer->step({.step = number, .loss = loss, .lr = 1e-3});
  };
  for (Index number = 1; number <= 3; ++number) CHECK(!step(number, 0.5).shadow_distance.has_value());
  const long before = malloc_count();
  const auto report = step(4, 5);
  CHECK(malloc_count() == before);
  CHECK(report.shadow_distance.has_value());
}

TEST_CASE("after warm-up no optimizer takes anything from the heap") {
  for (const int threads : {1, 2}) {
    set_threads(threads);
    for (const std::string& config : optimizer_configs) {
      CAPTURE(config);
      Training training(config, {{300, 300}, {7}, {4, 3, 3, 3}, {5}, {6}});
      const auto run_steps = [&](int count) {
        for (int i = 0; i < count; ++i) {
          training.draw_gradients();
          training.step(double(i % 3));
        }
      };
      run_steps(12);
      // As below: a second thread may meet its tasks late.
      int windows = threads == 1 ? 1 : 40;
      long taken = 1;
      while (taken > 0 && windows-- > 0) {
        const long before = malloc_count();
        run_steps(6);
        taken = malloc_count() - before;
      }
      CHECK(taken == 0);
    }
  }
  set_threads(1);
}

TEST_CASE("after warm-up a step of several batches takes nothing from the heap") {
  set_threads(1);
  for (const auto& [model, loss] : {std::pair{"cnn", "cross_entropy"}, {"conv_vae", "elbo"}}) {
    for (const Index accumulated : {2, 3}) {  // of 4 batches in an epoch: the last step of an epoch has 2, or 1
      CAPTURE(accumulated);
      train::RunConfig config = config_of(model, loss, "emonavi");
      config.trainer.gradient_accumulation_steps = accumulated;
      train::Trainer trainer(config, train::load_data(config));
      for (int i = 0; i < 12; ++i) trainer.step();
      const long before = malloc_count();
      for (int i = 0; i < 8; ++i) trainer.step();
      CHECK(malloc_count() == before);
    }
  }
}

TEST_CASE("after warm-up a step with events of all kinds takes nothing from the heap") {
  set_threads(1);
  const TemporaryDirectory directory;
  for (const auto& [model, loss] : {std::pair{"mlp", "cross_entropy"}, {"conv_vae", "elbo"}}) {
    train::RunConfig config = config_of(model, loss, "emonavi");
    config.events = test::all_events(test::mnist(150), 5, 40);
    if (loss == std::string("elbo")) std::erase_if(config.events, [](const Choice& event) { return event.name == "label_noise"; });
    train::Trainer trainer(config, train::load_data(config));
    report::MetricsFile metrics(directory / model);
    metrics.begin({.name = "t", .steps = trainer.steps(), .logging_steps = 3});
    for (int i = 0; i < 20; ++i) metrics.step(trainer.step());
    const long before = malloc_count();
    for (int i = 0; i < 12; ++i) metrics.step(trainer.step());
    CHECK(malloc_count() == before);
    CHECK(trainer.step().events.size() + (loss == std::string("elbo") ? 1 : 0) == train::event_kinds().entries.size());
  }
}

TEST_CASE("after warm-up a training step, its record and its progress take nothing from the heap") {
  struct Row {
    const char* model;
    const char* loss;
  };
  const Row rows[] = {{"mlp", "cross_entropy"}, {"cnn", "cross_entropy"}, {"conv_autoencoder", "mse"}, {"conv_vae", "elbo"}};
  const data::Splits splits = train::load_data(config_of("mlp", "cross_entropy", "sgd"));
  const TemporaryDirectory directory;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> terminal(std::fopen("/dev/null", "w"), std::fclose);
  for (const auto& [model, loss] : rows) {
    for (const char* optimizer : {"emonavi", "adamw", "sgd", "emofact", "emolynx", "emoclan"}) {
      for (const int threads : {1, 2}) {
        const std::string row = fmt::format("{} {} {} threads", model, optimizer, threads);
        CAPTURE(row);
        set_threads(threads);
        const train::RunConfig config = config_of(model, loss, optimizer);
        train::Trainer trainer(config, splits);
        report::MetricsFile metrics(directory / fmt::format("{}-{}-{}", model, optimizer, threads));
        report::TensorBoardFile events(directory / fmt::format("events-{}-{}-{}", model, optimizer, threads));
        // Draws at every step.
        report::Progress progress(terminal.get(), {.style = {.live = true, .unicode = true, .colour = true}, .clock = seconds});
        const report::RunOutline outline{.name = "t", .steps = trainer.steps(), .logging_steps = 3};
        metrics.begin(outline);
        events.begin(outline);
        progress.begin(outline);
        const auto run_steps = [&](int count) {
          for (int i = 0; i < count; ++i) {
            const report::StepRecord record = trainer.step();
            metrics.step(record);
            events.step(record);
            progress.step(record);
          }
        };
        run_steps(24);
        // Which task a second thread gets is chance: it may meet a kernel, and fill its part of the pool, later than the first one.
        int windows = threads == 1 ? 1 : 40;
        long taken = 1;
        while (taken > 0 && windows-- > 0) {
          const long before = malloc_count();
          run_steps(8);
          taken = malloc_count() - before;
        }
        CHECK(taken == 0);
        if (std::string(optimizer) == "emonavi") CHECK(trainer.step().shadow_distance.has_value());
      }
    }
  }
  set_threads(1);
}
