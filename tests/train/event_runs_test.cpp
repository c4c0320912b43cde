#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "emotrain/train/run.hpp"
#include "support/memory_files.hpp"
#include "support/temporary_directory.hpp"
#include "train/event_lists.hpp"
#include "train/trainers.hpp"

/// What a run says of its events: refusals, notices, records.
using namespace emotrain;
using test::event;
using test::quiet_run;

namespace {

class Listener final : public report::Sink {
 public:
  void begin(const report::RunOutline& outline) override { details = outline.details; }
  void step(const report::StepRecord& /*record*/) override {}
  void evaluation(const report::EvaluationRecord& /*record*/) override {}
  void notice(std::string_view text) override { notices.emplace_back(text); }
  void end() override {}
  std::vector<std::string> details;
  std::vector<std::string> notices;
};

}  // namespace

TEST_CASE("events that do not fit data or model are refused with the key's pointer") {
  struct Row {
    const char* start;
    std::function<void(train::RunConfig&)> change;
  };
  const auto autoencoder = [](train::RunConfig& config) {
    config.model = test::choose(nn::models(), "mlp_autoencoder", {});
    config.loss = test::choose(nn::losses(), "mse", {});
    config.trainer.metric_for_best_model = "eval_loss";
  };
  const auto add = [](train::RunConfig& config, Choice what) { config.events.push_back(std::move(what)); };
  const Row rows[] = {
      {"/events/1/kind: label_noise ",
       [&](auto& c) {
         autoencoder(c);
         add(c, event("pixel_noise", {{"at", 1.0}}));
         add(c, event("label_noise", {{"at", 1.0}}));
       }},
      {"/events/0/class: there is no class 10: digits8x8 has 10, counted from 0",
       [&](auto& c) {
         add(c, event("one_class", {{"at", 1.0}, {"class", 10.0}}));
       }},
      {"/events/0/kind: one_class needs labels, and natural_images has none",
       [&](auto& c) {
         autoencoder(c);
         c.data = test::choose(data::datasets(), "natural_images", {});
         dynamic_cast<data::DataOptions&>(*c.data.options).root = EMOTRAIN_SOURCE "/data";
         add(c, event("one_class", {{"at", 1.0}}));
       }},
      {"/events/0/data: two_moons has samples of shape (2), and the model was built for (1,8,8) as in digits8x8",
       [&](auto& c) { add(c, test::switch_to(test::moons(), 1)); }},
      {"/events/0/data: blobs has ",
       [&](auto& c) {
         c.data = test::moons();
         add(c, test::switch_to(test::choose(data::datasets(), "blobs", {}), 1));
       }},
      {"/events/0/data/",
       [&](auto& c) {
         Choice data = test::digits();
         dynamic_cast<data::DataOptions&>(*data.options).offset = 1'000'000;
         add(c, test::switch_to(std::move(data), 1));
       }},
      {"/events/0/data/batch_size: the last batch of an epoch has 1 of ",
       [&](auto& c) {
         c.model = test::choose(nn::models(), "mlp", {{"norm", std::string("batch_norm")}});
         Choice data = test::digits();
         auto& options = dynamic_cast<data::DataOptions&>(*data.options);
         options.validation_fraction = 0;
         options.limit = 65;
         add(c, test::switch_to(std::move(data), 1));
       }},
  };
  for (const auto& [start, change] : rows) {
    train::RunConfig config = quiet_run();
    change(config);
    const std::string text = test::text_of([&] { const train::Trainer trainer(config, train::load_data(config)); });
    CHECK_MESSAGE(text.starts_with(start), text);
  }
}

TEST_CASE("a run says which events come, and when one does, and its records and manifest know") {
  train::RunConfig config = quiet_run();
  config.data = test::moons();
  config.events.push_back(event("label_noise", {{"at", 3.0}, {"steps", 2.0}, {"fraction", 0.5}}));
  config.events.push_back(test::switch_to(test::choose(data::datasets(), "two_moons", {{"noise", 0.5}}), 4));
  config.events.push_back(event("weight_noise", {{"at", 100.0}}));
  test::MemoryFiles files;
  Listener listener;
  train::run({.config = config, .resolved_config = "{}", .output_dir = "run", .display = &listener, .files = &files});
  CHECK(listener.details.back() ==
        "events: label_noise at steps 3 to 4 (fraction 0.5); switch_data from step 4 on (data two_moons, batches of 64); "
        "weight_noise at step 100 (std 0.1)");
  CHECK(listener.notices == std::vector<std::string>{"event: weight_noise at step 100 (std 0.1) never happens: the run has 7 steps",
                                                     "event: label_noise at steps 3 to 4 (fraction 0.5)",
                                                     "event: switch_data from step 4 on (data two_moons, batches of 64)"});
  const std::string metrics = files.read("run/metrics.jsonl");
  CHECK(metrics.find(R"("events":["label_noise"])") != std::string::npos);
  CHECK(metrics.find(R"("events":["label_noise","switch_data"])") != std::string::npos);
}

TEST_CASE("files of data that events switch to are in the manifest, and a run does not go on with others") {
  const TemporaryDirectory directory;
  const auto path = directory / "points.csv";
  std::ofstream(path) << "x,y,label\n0,1,0\n1,0,1\n0.5,1,0\n1,0.5,1\n0,0.5,0\n0.5,0,1\n";
  train::RunConfig config = quiet_run();
  config.data = test::moons();
  config.events.push_back(test::switch_to(test::choose(data::datasets(), "csv", {{"path", path.string()}}), 2));
  test::MemoryFiles files;
  Index asked = 0;
  train::run(
      {.config = config, .resolved_config = "{}", .output_dir = "run", .interrupted = [&] { return asked++ == 3; }, .files = &files});
  CHECK(files.read("run/manifest.json").find("points.csv") != std::string::npos);
  std::ofstream(path, std::ios::app) << "1,1,1\n";
  const train::FoundCheckpoint newest = train::find_checkpoint(files, "run");
  const std::string text =
      test::text_of([&] { train::run({.config = config, .resolved_config = "{}", .resume = newest, .files = &files}); });
  CHECK_MESSAGE(text.find("are not those that the run began with") != std::string::npos, text);
}
