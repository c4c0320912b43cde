#include <doctest/doctest.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <cmath>
#include <string>

#include "emotrain/train/run.hpp"
#include "support/memory_files.hpp"
#include "train/resumable_runs.hpp"

/// Runs that begin behind another's checkpoint, in a directory of their own.

using namespace emotrain;

namespace {

using namespace emotrain::test;

void train_whole(MemoryFiles& files, const train::RunConfig& config) {
  train::run({.config = config, .resolved_config = "{}", .output_dir = "run", .files = &files});
}

/// Into the directory `name`, from `checkpoint` of the run.
train::RunResult train_branch(MemoryFiles& files, const train::RunConfig& config, const std::string& name, const std::string& checkpoint,
                              const train::RunConfig* config_of_from) {
  return train::run({.config = config,
                     .resolved_config = "{}",
                     .output_dir = name,
                     .branch = {{.from = {"run", checkpoint}, .config_of_from = config_of_from}},
                     .files = &files});
}

/// The lines of metrics.jsonl that are behind a step.
std::string records(const MemoryFiles& files, const std::string& run, Index after) {
  const std::string text = files.read(run + "/metrics.jsonl");
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin) + 1;
    if (std::stol(text.substr(begin + 8)) > after) out += text.substr(begin, end - begin);
    begin = end;
  }
  return out;
}

void check_same_end(const MemoryFiles& files, const std::string& branch) {
  for (const char* file :
       {"model.safetensors", "checkpoints/checkpoint-12/model.safetensors", "checkpoints/checkpoint-12/optimizer.safetensors"}) {
    CAPTURE(file);
    CHECK((files.read(branch + "/" + file) == files.read(std::string("run/") + file)));
  }
}

/// From the checkpoint of step 5, and from that of step 7, which an earlier one was re-run to.
void check_branches(const std::string& name, const train::RunConfig& config) {
  CAPTURE(name);
  MemoryFiles files;
  train_whole(files, config);
  Index left = 2;
  train::run({.config = config,
              .resolved_config = "{}",
              .output_dir = "before",
              .branch = {{.from = {"run", "run/checkpoints/checkpoint-5"}}},
              .interrupted = [&] { return left-- == 0; },
              .files = &files});
  for (const Index at : {5, 7}) {
    const std::string checkpoint = fmt::format("{}/checkpoints/checkpoint-{}", at == 5 ? "run" : "before", at);
    for (const train::RunConfig* of : {static_cast<const train::RunConfig*>(nullptr), &config}) {
      const std::string branch = fmt::format("{}-{}", at, of == nullptr ? "as-was" : "changed");
      CAPTURE(branch);
      const train::RunResult result = train_branch(files, config, branch, checkpoint, of);
      CHECK(result.adoption.left.empty());
      CHECK(result.adoption.begun.empty());
      CHECK((files.read(branch + "/metrics.jsonl") == records(files, "run", at)));
      CHECK((files.read(fmt::format("{}/checkpoints/checkpoint-{}/optimizer.safetensors", branch, at)) ==
             files.read(checkpoint + "/optimizer.safetensors")));
      check_same_end(files, branch);
    }
  }
}

}  // namespace

TEST_CASE("a branch without a change is the run, to the bit, with every optimizer and schedule") {
  for (const OptionsEntry& entry : optim::optimizers().entries) {
    check_branches(entry.name, complete(classifier(), optimizer(entry.name), scheduler("one_cycle")));
  }
  for (const OptionsEntry& entry : optim::schedulers().entries) {
    check_branches(entry.name, complete(classifier(), optimizer("emonavi"), scheduler(entry.name)));
  }
  check_branches("vae", complete(vae(), optimizer("emonavi"), scheduler("constant")));
}

TEST_CASE("with any other optimizer a branch goes on: the first loss is the run's, the others are finite") {
  const train::RunConfig original = complete(classifier(), optimizer("emonavi"), scheduler("constant"));
  MemoryFiles files;
  train_whole(files, original);
  const auto first_loss = [](const std::string& text) { return nlohmann::json::parse(text.substr(0, text.find('\n'))).at("loss"); };
  for (const OptionsEntry& entry : optim::optimizers().entries) {
    CAPTURE(std::string(entry.name));
    const train::RunConfig config = complete(classifier(), optimizer(entry.name), scheduler("linear"));
    const train::RunResult result = train_branch(files, config, entry.name, "run/checkpoints/checkpoint-5", &original);
    CHECK(result.steps == 12);
    CHECK(std::isfinite(result.loss));
    const std::string text = files.read(std::string(entry.name) + "/metrics.jsonl");
    CHECK(first_loss(text) == first_loss(records(files, "run", 5)));
    // Position, not a new start: the learning rate is that of step 6 of 12.
    const double lr = dynamic_cast<const optim::OptimizerOptions&>(*config.optimizer.options).lr;
    CHECK(nlohmann::json::parse(text.substr(0, text.find('\n'))).at("learning_rate").get<double>() == doctest::Approx(lr * 7 / 12));
  }
}

TEST_CASE("a branch says where it comes from, also after it went on, and wants the run's data") {
  const train::RunConfig config = complete(classifier(), optimizer("emonavi"), scheduler("constant"));
  MemoryFiles files;
  train_whole(files, config);
  Index left = 1;
  train::run({.config = config,
              .resolved_config = "{}",
              .output_dir = "branch",
              .branch = {{.from = {"run", "run/checkpoints/checkpoint-5"}}},
              .interrupted = [&] { return left-- == 0; },
              .files = &files});
  train::run({.config = config,
              .resolved_config = "{}",
              .resume = train::newest_checkpoint(files, "branch", [](const std::string& text) { FAIL(text); }),
              .files = &files});
  CHECK((files.read("branch/metrics.jsonl") == records(files, "run", 5)));
  check_same_end(files, "branch");
  const auto manifest = nlohmann::json::parse(files.read("branch/manifest.json"));
  CHECK(manifest.at("branch_of") == nlohmann::json{{"run", "run"}, {"step", 5}});
  CHECK_FALSE(nlohmann::json::parse(files.read("run/manifest.json")).contains("branch_of"));
}
