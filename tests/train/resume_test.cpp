#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "emotrain/optim/schedule.hpp"
#include "emotrain/train/run.hpp"
#include "support/memory_files.hpp"
#include "train/configs.hpp"
#include "train/event_lists.hpp"

/// A run that was cut and resumed leaves the same bytes as one that never stopped.

using namespace emotrain;

namespace {

constexpr Index steps = 12;

/// With EMOTRAIN_FULL_TESTS: after each of ten steps; else at two places, one in the middle of an epoch.
std::vector<Index> cuts() {
  if (std::getenv("EMOTRAIN_FULL_TESTS") == nullptr) return {1, 7};
  return {1, 2, 3, 4, 5, 6, 7, 8, 9, 11};
}

/// Two moons by a classifier with dropout: epochs of 4 batches, so of 2 steps when 3 batches make a step.
train::RunConfig classifier() {
  train::RunConfig config;
  config.data = test::choose(data::datasets(), "two_moons", {{"validation_fraction", 0.2}, {"samples", 150.0}, {"batch_size", 26.0}});
  config.model =
      test::choose(nn::models(), "mlp", {{"hidden", std::vector<Index>{8}}, {"dropout", 0.3}, {"norm", std::string("batch_norm")}});
  config.trainer.gradient_accumulation_steps = 3;
  return config;
}

train::RunConfig vae() {
  train::RunConfig config;
  config.data = test::digits();
  auto& data = dynamic_cast<data::DataOptions&>(*config.data.options);
  data.limit = 200;
  config.model = test::small_vae();
  config.loss = test::choose(nn::losses(), "elbo", {});
  return config;
}

/// A function, whose noise is drawn by the step.
train::RunConfig saddle() {
  train::RunConfig config;
  config.data = test::choose(data::datasets(), "none", {});
  config.model = test::choose(nn::models(), "function", {{"function", std::string("saddle")}});
  config.loss = test::choose(nn::losses(), "value", {});
  return config;
}

train::RunConfig complete(train::RunConfig config, Choice optimizer, Choice scheduler) {
  config.optimizer = std::move(optimizer);
  config.scheduler = std::move(scheduler);
  config.trainer.max_steps = steps;
  config.trainer.save_steps = 5;
  config.trainer.eval_steps = 3;
  config.trainer.logging_steps = 4;
  config.trainer.threads = 1;
  return config;
}

Choice optimizer(const std::string& name) { return test::choose(optim::optimizers(), name, {}); }

/// Those that need more than their defaults to build.
Choice scheduler(const std::string& name) {
  if (name == "reduce_on_plateau") return test::choose(optim::schedulers(), name, {{"patience", 0.0}, {"threshold", 0.5}});
  if (name == "multistep") return test::choose(optim::schedulers(), name, {{"milestones", std::vector<Index>{3, 8}}});
  if (name == "exponential") return test::choose(optim::schedulers(), name, {{"gamma", 0.9}});
  if (name == "warmup_stable_decay") return test::choose(optim::schedulers(), name, {{"num_decay_steps", 5.0}});
  if (name == "step") return test::choose(optim::schedulers(), name, {{"step_size", 3.0}});
  return test::choose(optim::schedulers(), name, {});
}

/// Runs up to `cut`, as after a signal (0: to the end), or goes on from the newest checkpoint.
void run(test::MemoryFiles& files, const train::RunConfig& config, Index cut) {
  const auto newest = train::newest_checkpoint(files, "run", [](const std::string& text) { FAIL(text); });
  Index asked = 0;
  train::run({.config = config,
              .resolved_config = "{}",
              .output_dir = newest ? std::nullopt : std::optional<std::filesystem::path>("run"),
              .resume = newest,
              .interrupted = [&] { return cut > 0 && asked++ == cut; },
              .files = &files});
}

/// What must be the same whatever happened on the way: everything but times.
std::map<std::string, std::string> lasting(const test::MemoryFiles& files) {
  std::map<std::string, std::string> all = files.files();
  std::erase_if(all, [](const auto& file) {
    return file.first.ends_with("manifest.json") || file.first.ends_with("trainer_state.json") ||
           file.first.find("tfevents") != std::string::npos;
  });
  return all;
}

void check_same(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b) {
  for (const auto& [name, content] : a) {
    CAPTURE(name);
    CHECK(b.contains(name));
    if (b.contains(name)) CHECK((b.at(name) == content));
  }
  CHECK(a.size() == b.size());
}

void check_resumes(const std::string& name, const train::RunConfig& config) {
  CAPTURE(name);
  test::MemoryFiles whole;
  run(whole, config, 0);
  const auto expected = lasting(whole);
  REQUIRE(expected.contains("run/checkpoints/checkpoint-12/optimizer.safetensors"));
  for (const Index cut : cuts()) {
    CAPTURE(cut);
    test::MemoryFiles files;
    run(files, config, cut);
    const std::string extra = fmt::format("run/checkpoints/checkpoint-{}/", cut);
    REQUIRE(files.files().contains(extra + "trainer_state.json"));
    REQUIRE_FALSE(files.files().contains("run/model.safetensors"));
    run(files, config, 0);
    auto found = lasting(files);
    // The cut itself left a checkpoint, which a whole run has not.
    std::erase_if(found, [&](const auto& file) { return file.first.starts_with(extra) && !expected.contains(file.first); });
    check_same(expected, found);
  }
}

}  // namespace

TEST_CASE("every optimizer, with a constant and a one-cycle learning rate, resumes to the bit") {
  for (const OptionsEntry& entry : optim::optimizers().entries) {
    for (const char* schedule : {"constant", "one_cycle"}) {
      const std::string name = fmt::format("{} {}", entry.name, schedule);
      check_resumes("classifier " + name, complete(classifier(), optimizer(entry.name), scheduler(schedule)));
      check_resumes("vae " + name, complete(vae(), optimizer(entry.name), scheduler(schedule)));
    }
  }
}

TEST_CASE("a function resumes to the bit, its noise included") {
  for (const char* name : {"emonavi", "emoclan", "adamw"}) {
    check_resumes(fmt::format("saddle {}", name), complete(saddle(), optimizer(name), scheduler("cosine")));
  }
}

TEST_CASE("every scheduler resumes to the bit") {
  for (const OptionsEntry& entry : optim::schedulers().entries) {
    check_resumes(fmt::format("classifier {}", entry.name), complete(classifier(), optimizer("adamw"), scheduler(entry.name)));
    check_resumes(fmt::format("vae {}", entry.name), complete(vae(), optimizer("adamw"), scheduler(entry.name)));
  }
}

TEST_CASE("every kind of event resumes to the bit, in its steps, before and behind them") {
  const auto config_of = [] { return complete(classifier(), optimizer("emonavi"), scheduler("cosine")); };
  const auto other = [] { return test::choose(data::datasets(), "two_moons", {{"noise", 0.4}, {"batch_size", 15.0}}); };
  for (const OptionsEntry& entry : train::event_kinds().entries) {
    train::RunConfig config = config_of();
    for (Choice& event : test::all_events(other(), 6, 3)) {
      if (event.name == entry.name) config.events.push_back(std::move(event));
    }
    check_resumes(entry.name, config);
  }
  train::RunConfig config = config_of();
  config.events = test::all_events(other(), 2, 8);
  check_resumes("all events", config);
}

TEST_CASE("runs on 1, 2, 4 and 8 threads leave the same bytes, and one may be resumed on another number of them") {
  for (const bool is_vae : {false, true}) {
    train::RunConfig config = complete(is_vae ? vae() : classifier(), optimizer("emonavi"), scheduler("cosine"));
    config.events = test::all_events(is_vae ? test::digits() : test::moons(), 4, 5);
    // Of no use to an autoencoder.
    if (is_vae) std::erase_if(config.events, [](const Choice& event) { return event.name == "label_noise"; });
    test::MemoryFiles one;
    run(one, config, 0);
    for (const Index threads : {2, 4, 8}) {
      config.trainer.threads = threads;
      test::MemoryFiles files;
      run(files, config, 0);
      check_same(lasting(one), lasting(files));
    }
    test::MemoryFiles mixed;
    run(mixed, config, 5);
    config.trainer.threads = 1;
    run(mixed, config, 0);
    check_same(lasting(one), lasting(mixed));
  }
}

TEST_CASE("a complete run that is to be longer goes on as if it had never ended") {
  train::RunConfig config = complete(classifier(), optimizer("emonavi"), scheduler("constant"));
  test::MemoryFiles whole;
  run(whole, config, 0);
  test::MemoryFiles files;
  config.trainer.max_steps = 6;  // an evaluation is due there, which a run that ends there makes at its end
  run(files, config, 0);
  config.trainer.max_steps = steps;
  run(files, config, 0);
  auto found = lasting(files);
  std::erase_if(found, [](const auto& file) { return file.first.find("checkpoint-6/") != std::string::npos; });
  auto expected = lasting(whole);
  std::erase_if(expected, [](const auto& file) { return file.first.find("checkpoint-6/") != std::string::npos; });
  check_same(expected, found);
}

TEST_CASE("going back to an earlier checkpoint cuts off what followed it") {
  const train::RunConfig config = complete(classifier(), optimizer("emonavi"), scheduler("constant"));
  test::MemoryFiles files;
  run(files, config, 0);
  const auto expected = lasting(files);
  const train::FoundCheckpoint earlier{"run", "run/checkpoints/checkpoint-5"};
  Index asked = 0;
  train::run({.config = config, .resolved_config = "{}", .resume = earlier, .interrupted = [&] { return asked++ == 1; }, .files = &files});
  CHECK(train::CheckpointDirectory(files, "run").steps().back() == 6);
  CHECK(files.read_link("run/checkpoints/last") == "checkpoint-6");
  std::size_t lines = 0;
  for (const char c : files.read("run/metrics.jsonl")) lines += c == '\n' ? 1 : 0;
  CHECK(lines == 8);  // 6 steps, evaluations after 3 and 6
  run(files, config, 0);
  check_same(expected, lasting(files));
}
