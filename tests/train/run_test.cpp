#include "emotrain/train/run.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "emotrain/train/safetensors.hpp"
#include "support/temporary_directory.hpp"
#include "train/configs.hpp"
#include "train/sha256.hpp"

using namespace emotrain;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<json> lines_of(const fs::path& path) {
  std::ifstream in(path);
  std::vector<json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename().string());
  // Its name tells when, where and by whom it was made.
  for (std::string& name : names) {
    if (name.starts_with("events.out.tfevents.")) name = "events";
  }
  std::ranges::sort(names);
  return names;
}

/// Makes a directory the current one for a while.
class WorkIn {
 public:
  explicit WorkIn(const fs::path& path) { fs::current_path(path); }
  ~WorkIn() { fs::current_path(before_); }
  WorkIn(const WorkIn&) = delete;
  WorkIn& operator=(const WorkIn&) = delete;

 private:
  fs::path before_ = fs::current_path();
};

train::RunConfig vae_run() {
  train::RunConfig config;
  config.data = test::digits();
  config.model = test::small_vae();
  config.loss = test::choose(nn::losses(), "elbo", {});
  config.trainer.max_steps = 10;
  config.trainer.eval_steps = 4;
  config.trainer.detail_steps = 1;
  config.trainer.threads = 1;
  return config;
}

class CountingSink final : public report::Sink {
 public:
  void begin(const report::RunOutline& outline) override { outline_steps = outline.steps; }
  void step(const report::StepRecord& /*record*/) override { ++steps; }
  void evaluation(const report::EvaluationRecord& /*record*/) override { ++evaluations; }
  void end() override { ++ends; }
  Index outline_steps = 0;
  int steps = 0;
  int evaluations = 0;
  int ends = 0;
};

}  // namespace

TEST_CASE("a run leaves its directory complete") {
  const TemporaryDirectory directory;
  const train::RunConfig config = vae_run();
  CountingSink display;
  const train::RunResult result =
      train::run({.config = config, .resolved_config = "{\"seed\": 0}\n", .output_dir = directory / "a" / "b", .display = &display});
  CHECK(result.directory == directory / "a" / "b");
  CHECK(names_in(result.directory) == std::vector<std::string>{"checkpoints", "config.json", "events", "manifest.json", "metrics.jsonl",
                                                               "model.safetensors", "pictures", "reconstructions.png", "samples.png"});
  CHECK(result.files.size() == 9);
  CHECK(names_in(result.directory / "pictures") ==
        std::vector<std::string>{"live-1.png", "live-10.png", "live-5.png", "originals.png", "shadow-10.png", "shadow-5.png"});
  CHECK(content_of(result.directory / "config.json") == "{\"seed\": 0}\n");
  CHECK(display.outline_steps == 10);
  CHECK(display.steps == 10);
  CHECK(display.evaluations == 3);
  CHECK(display.ends == 1);

  const std::vector<json> lines = lines_of(result.directory / "metrics.jsonl");
  std::vector<Index> evaluated;
  Index steps = 0;
  for (const json& line : lines) {
    if (line.contains("loss")) {
      CHECK(line["step"] == ++steps);
      CHECK(line.size() == 16);
    } else {
      evaluated.push_back(line["step"]);
      CHECK(line.contains("eval_loss"));
      CHECK(line.contains("test_loss") == (line["step"] == 10));
    }
  }
  CHECK(steps == 10);
  CHECK(evaluated == std::vector<Index>{4, 8, 10});
  CHECK(result.steps == 10);
  CHECK(result.loss == lines[lines.size() - 2]["loss"]);
  for (const report::Metric& metric : result.metrics) CHECK(lines.back()[metric.name] == metric.value);
  CHECK(lines.back().size() == 2 + result.metrics.size());
}

TEST_CASE("the manifest tells where the result comes from") {
  const TemporaryDirectory directory;
  train::RunConfig config = vae_run();
  config.seed = 7;
  const train::RunResult result = train::run({.config = config, .resolved_config = "{}", .output_dir = directory / "a"});
  const json manifest = json::parse(content_of(result.directory / "manifest.json"));
  CHECK(manifest["status"] == "completed");
  CHECK(manifest["seed"] == 7);
  CHECK(manifest["machine"]["threads"] == 1);
  CHECK(manifest["init_from"].is_null());
  CHECK(manifest["result"]["steps"] == 10);
  CHECK(manifest["result"]["seconds"] == result.seconds);
  CHECK(manifest["result"]["metrics"]["test_loss"] == result.metrics[2].value);
  CHECK(manifest["resumed"].empty());
  CHECK(!manifest["build"]["compiler"].get<std::string>().empty());
  CHECK(manifest["build"]["flags"].get<std::string>().find("-Wall") != std::string::npos);
  CHECK(manifest["started"].get<std::string>() <= manifest["ended"].get<std::string>());
  CHECK(manifest["started"].get<std::string>().size() == 20);
  CHECK(manifest["data"]["train_samples"].get<int>() + manifest["data"]["validation_samples"].get<int>() > 1000);
  const std::string published = content_of(EMOTRAIN_SOURCE "/data/digits8x8/SHA256SUMS");
  REQUIRE(manifest["data"]["files"].size() >= 2);
  for (const json& file : manifest["data"]["files"]) {
    const std::string name = fs::path(file["file"].get<std::string>()).filename();
    CHECK(published.find(file["sha256"].get<std::string>() + "  " + name) != std::string::npos);
    CHECK(file["bytes"] == fs::file_size(file["file"].get<std::string>()));
  }
}

TEST_CASE("SHA-256 of known texts") {
  struct Row {
    std::string text;
    const char* digest;
  };
  const Row table[] = {{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                       {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                       {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
  const TemporaryDirectory directory;
  for (const auto& [text, digest] : table) {
    std::ofstream(directory / "a", std::ios::binary) << text;
    CHECK(train::sha256_of_file(directory / "a") == digest);
  }
  CHECK(kind_of([&] { train::sha256_of_file(directory / "missing"); }) == ErrorKind::missing);
}

TEST_CASE("without --output-dir a run takes the first free number; a directory that is not empty is refused") {
  const TemporaryDirectory directory;
  const WorkIn here(directory.path());
  train::RunConfig config = test::small_run();
  config.name = "moons";
  config.trainer.max_steps = 2;
  const auto run_in = [&](std::optional<fs::path> output) {
    return train::run({.config = config, .resolved_config = "{}", .output_dir = std::move(output)}).directory;
  };
  fs::create_directories("runs/moons-2");
  CHECK(run_in(std::nullopt) == "runs/moons-1");
  CHECK(run_in(std::nullopt) == "runs/moons-3");
  CHECK(fs::is_empty("runs/moons-2"));
  CHECK(run_in("runs/moons-2") == "runs/moons-2");

  const auto before = names_in("runs/moons-1");
  CHECK(kind_of([&] { run_in("runs/moons-1"); }) == ErrorKind::cannot_create);
  CHECK(names_in("runs/moons-1") == before);
  std::ofstream("file") << "text";
  CHECK(kind_of([&] { run_in("file"); }) == ErrorKind::cannot_create);
  CHECK(kind_of([&] { run_in("file/a"); }) == ErrorKind::cannot_create);
  CHECK(kind_of([&] { run_in(""); }) == ErrorKind::cannot_create);
  CHECK(content_of("file") == "text");
}

TEST_CASE("what is wrong with data, model or weights is found before a directory is made") {
  const TemporaryDirectory directory;
  const WorkIn here(directory.path());
  train::RunConfig config = test::small_run();
  const auto kind_with = [&](std::optional<fs::path> weights) {
    return kind_of([&] { train::run({.config = config, .resolved_config = "{}", .init_from = std::move(weights)}); });
  };
  train::write_safetensors("other.safetensors", {});
  std::ofstream("bad.safetensors") << "text";
  CHECK(kind_with("other.safetensors") == ErrorKind::usage);
  CHECK(kind_with("bad.safetensors") == ErrorKind::data);
  CHECK(kind_with("missing.safetensors") == ErrorKind::missing);
  config.loss = test::choose(nn::losses(), "mse", {});
  CHECK(kind_with(std::nullopt) == ErrorKind::usage);
  config = test::small_run();
  config.data = test::mnist(100);
  dynamic_cast<data::DataOptions&>(*config.data.options).root = "nowhere";
  CHECK(kind_with(std::nullopt) == ErrorKind::missing);
  CHECK(!fs::exists("runs"));
}

TEST_CASE("final weights start the next run where the last one ended") {
  const TemporaryDirectory directory;
  train::RunConfig config = test::small_run("sgd");
  const auto first = train::run({.config = config, .resolved_config = "{}", .output_dir = directory / "a"});
  config.seed = 5;
  config.trainer.max_steps = 1;
  dynamic_cast<optim::OptimizerOptions&>(*config.optimizer.options).lr = 1e-30;  // leaves the weights as they are
  const auto weights = first.directory / "model.safetensors";
  const auto second = train::run({.config = config, .resolved_config = "{}", .output_dir = directory / "b", .init_from = weights});
  REQUIRE(second.metrics.size() == first.metrics.size());
  for (std::size_t i = 0; i < first.metrics.size(); ++i) CHECK(second.metrics[i].value == first.metrics[i].value);
  const json manifest = json::parse(content_of(second.directory / "manifest.json"));
  CHECK(manifest["init_from"]["sha256"] == train::sha256_of_file(weights));
}

TEST_CASE("a loss that is not finite ends the run: good steps stay on record, no weights are written") {
  const TemporaryDirectory directory;
  train::RunConfig config = test::small_run("sgd");
  dynamic_cast<optim::OptimizerOptions&>(*config.optimizer.options).lr = 1e20;
  CountingSink display;
  std::string text;
  try {
    train::run({.config = config, .resolved_config = "{}", .output_dir = directory / "a", .display = &display});
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::numeric);
    text = error.what();
  }
  CHECK_MESSAGE(text.starts_with("step "), text);
  CHECK(names_in(directory / "a") == std::vector<std::string>{"checkpoints", "config.json", "events", "manifest.json", "metrics.jsonl"});
  const std::vector<json> lines = lines_of(directory / "a" / "metrics.jsonl");
  CHECK(static_cast<int>(lines.size()) == display.steps);
  CHECK(text.starts_with(fmt::format("step {}: ", lines.size() + 1)));
  for (const json& line : lines) CHECK(line["loss"].is_number());
  const json manifest = json::parse(content_of(directory / "a" / "manifest.json"));
  CHECK(manifest["status"] == "diverged");
  CHECK(manifest["error"] == text);
  const fs::path last = directory / "a" / "checkpoints" / "last";
  const Index kept = train::read_trainer_state(disk(), last).global_step;
  CHECK(text.find(fmt::format("checkpoint-{} holds the last finite state", kept)) != std::string::npos);
  for (const nn::NamedTensor& tensor : train::read_safetensors(last / "model.safetensors")) {
    for (const Real value : tensor.value.values()) CHECK(std::isfinite(value));
  }
  // One step further the weights are not finite any more, or the loss is not.
  const train::FoundCheckpoint from = train::find_checkpoint(disk(), directory / "a");
  CHECK(kind_of([&] { train::run({.config = config, .resolved_config = "{}", .resume = from}); }) == ErrorKind::numeric);
  CHECK(train::read_trainer_state(disk(), last).global_step == kept);
  CHECK(manifest["result"]["steps"] == lines.size());
  CHECK(display.ends == 1);
}

TEST_CASE("a quiet optimizer's signal is on record, and ends the run if trainer.stop_on_quiet says so") {
  const TemporaryDirectory directory;
  train::RunConfig config = test::small_run();
  // All samples in each step and hardly any learning: the loss stays what it is, and 32 values of the scalar fill the window.
  dynamic_cast<data::DataOptions&>(*config.data.options).batch_size = 1000;
  dynamic_cast<optim::OptimizerOptions&>(*config.optimizer.options).lr = 1e-9;
  config.trainer.max_steps = 40;
  for (const bool stop : {false, true}) {
    config.trainer.stop_on_quiet = stop;
    CountingSink display;
    const auto result = train::run(
        {.config = config, .resolved_config = "{}", .output_dir = directory / (stop ? "stops" : "goes_on"), .display = &display});
    CHECK(result.should_stop_at == 32);
    CHECK(result.steps == (stop ? 32 : 40));
    CHECK(display.steps == result.steps);
    const json manifest = json::parse(content_of(result.directory / "manifest.json"));
    CHECK(manifest["status"] == "completed");
    CHECK(manifest["result"]["should_stop_at"] == 32);
    CHECK(manifest["result"]["steps"] == result.steps);
    const std::vector<json> lines = lines_of(result.directory / "metrics.jsonl");
    CHECK(lines.back()["step"] == result.steps);
    CHECK(lines.back().contains("test_loss"));
    for (const json& line : lines) {
      if (line.contains("loss")) CHECK(line["should_stop"] == (line["step"] >= 32));
    }
  }
  config.trainer.max_steps = 31;
  const auto result = train::run({.config = config, .resolved_config = "{}", .output_dir = directory / "too_short"});
  CHECK(!result.should_stop_at);
  CHECK(json::parse(content_of(result.directory / "manifest.json"))["result"]["should_stop_at"].is_null());
}

TEST_CASE("same seed, same bytes, on any number of threads; another seed, others") {
  const TemporaryDirectory directory;
  train::RunConfig config = vae_run();
  const auto run_with = [&](const char* name, Index threads, Index seed) {
    config.trainer.threads = threads;
    config.seed = seed;
    return train::run({.config = config, .resolved_config = "{}", .output_dir = directory / name}).directory;
  };
  const fs::path first = run_with("1", 1, 3);
  for (const auto& [name, threads] : {std::pair{"again", 1}, {"2", 2}, {"4", 4}}) {
    const fs::path other = run_with(name, threads, 3);
    for (const char* file : {"metrics.jsonl", "model.safetensors", "reconstructions.png", "samples.png"}) {
      CAPTURE(std::string(file));
      CHECK(content_of(other / file) == content_of(first / file));
    }
  }
  const fs::path other = run_with("other", 1, 4);
  for (const char* file : {"metrics.jsonl", "model.safetensors", "samples.png"})
    CHECK(content_of(other / file) != content_of(first / file));
}
