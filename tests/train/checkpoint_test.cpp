#include "emotrain/train/checkpoint.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "emotrain/core/error.hpp"
#include "emotrain/train/run.hpp"
#include "support/memory_files.hpp"
#include "support/temporary_directory.hpp"
#include "train/configs.hpp"

using namespace emotrain;
namespace fs = std::filesystem;

namespace {

const fs::path run_path = "run";

train::RunConfig run_with_checkpoints() {
  train::RunConfig config = test::small_run();
  config.trainer.max_steps = 4;
  config.trainer.save_steps = 1;
  config.trainer.save_total_limit = 2;
  return config;
}

void run(FileSystem& files, const train::RunConfig& config, const std::optional<train::FoundCheckpoint>& from = std::nullopt) {
  train::run({.config = config,
              .resolved_config = "{}",
              .output_dir = from ? std::nullopt : std::optional(run_path),
              .overwrite = !from,
              .resume = from,
              .files = &files});
}

/// Every checkpoint that is there must be whole.
std::vector<Index> complete_checkpoints(test::MemoryFiles& files) {
  const train::CheckpointDirectory directory(files, run_path);
  const std::vector<Index> steps = directory.steps();
  for (const Index step : steps) {
    CAPTURE(step);
    CHECK_NOTHROW(train::read_checkpoint(files, directory.path_of(step), {"1.weight", "1.bias", "3.weight", "3.bias"}));
  }
  return steps;
}

std::string final_weights(const test::MemoryFiles& files) { return files.read(run_path / "model.safetensors"); }

/// Goes on with what a failure has left, and must get where an undisturbed run gets.
void check_goes_on(test::MemoryFiles& files, const train::RunConfig& config, const std::string& expected) {
  files.fails = [](const std::string&, const fs::path&) { return false; };
  run(files, config, train::newest_checkpoint(files, run_path, [](const std::string& text) { FAIL(text); }));
  CHECK((final_weights(files) == expected));
  CHECK(complete_checkpoints(files).back() == 4);
}

}  // namespace

TEST_CASE("whichever write, sync or rename fails, complete checkpoints are left, never fewer than before, and the run can go on") {
  const train::RunConfig config = run_with_checkpoints();
  test::MemoryFiles undisturbed;
  int operations = 0;
  undisturbed.fails = [&](const std::string&, const fs::path&) { return ++operations < 0; };
  run(undisturbed, config);
  REQUIRE(operations > 100);
  const std::string expected = final_weights(undisturbed);
  for (int failing = 1; failing <= operations; ++failing) {
    CAPTURE(failing);
    test::MemoryFiles files;
    int number = 0;
    std::string failed;
    Index newest = 0;
    files.fails = [&](const std::string& operation, const fs::path& path) {
      // A checkpoint that has got its name is not lost again, but to a newer one.
      if (operation == "symlink" && path.filename() == ".last.part")
        newest = std::max(newest, train::CheckpointDirectory(files, run_path).steps().back());
      if (++number != failing) return false;
      failed = operation + " " + path.string();
      return true;
    };
    const auto kind = kind_of([&] { run(files, config); });
    CAPTURE(failed);
    // What cannot be removed is only too much.
    CHECK((kind == ErrorKind::io || kind == ErrorKind::cannot_create));
    const std::vector<Index> steps = complete_checkpoints(files);
    CHECK((steps.empty() ? 0 : steps.back()) >= newest);
    if (files.exists(run_path)) check_goes_on(files, config, expected);
  }
}

TEST_CASE("whenever the power goes, what is on the disk are complete checkpoints, and the run can go on") {
  const train::RunConfig config = run_with_checkpoints();
  test::MemoryFiles undisturbed;
  int operations = 0;
  undisturbed.fails = [&](const std::string&, const fs::path&) { return ++operations < 0; };
  run(undisturbed, config);
  const std::string expected = final_weights(undisturbed);
  for (const bool entries_survive : {false, true}) {
    for (int last = 1; last <= operations; ++last) {
      CAPTURE(entries_survive);
      CAPTURE(last);
      test::MemoryFiles files;
      int number = 0;
      Index newest = 0;
      // From some moment on nothing is done any more.
      files.fails = [&](const std::string& operation, const fs::path& path) {
        if (number < last && operation == "symlink" && path.filename() == ".last.part") {
          newest = std::max(newest, train::CheckpointDirectory(files, run_path).steps().back());
        }
        return ++number > last;
      };
      // At the end there is nothing left that could fail.
      static_cast<void>(kind_of([&] { run(files, config); }));
      files.lose_power(entries_survive);
      const std::vector<Index> steps = complete_checkpoints(files);
      CHECK((steps.empty() ? 0 : steps.back()) >= newest);
      if (files.exists(run_path)) check_goes_on(files, config, expected);
    }
  }
}

TEST_CASE("as many checkpoints are kept as wanted, the newest and the best among them") {
  train::RunConfig config = run_with_checkpoints();
  config.trainer.max_steps = 9;
  config.trainer.eval_steps = 2;
  config.trainer.metric_for_best_model = "eval_accuracy";
  for (const Index limit : {1, 2, 4}) {
    config.trainer.save_total_limit = limit;
    test::MemoryFiles files;
    run(files, config);
    const std::vector<Index> steps = train::CheckpointDirectory(files, run_path).steps();
    CHECK(static_cast<Index>(steps.size()) <= std::max<Index>(limit, 2));
    CHECK(static_cast<Index>(steps.size()) >= limit);
    CHECK(steps.back() == 9);
    CHECK(files.read_link(run_path / "checkpoints" / "last") == "checkpoint-9");
    const fs::path best = run_path / "checkpoints" / "best";
    CHECK(files.exists(best.parent_path() / files.read_link(best) / "trainer_state.json"));
  }
  config.trainer.save_total_limit.reset();
  config.trainer.save_steps = 0;
  config.data = test::moons(0);
  test::MemoryFiles files;
  run(files, config);
  CHECK(train::CheckpointDirectory(files, run_path).steps() == std::vector<Index>{9});
  CHECK_FALSE(files.exists(run_path / "checkpoints" / "best"));
}

TEST_CASE("a file system without symlinks does without the links, and the run can go on") {
  test::MemoryFiles files;
  files.has_symlinks = false;
  train::RunConfig config = run_with_checkpoints();
  run(files, config);
  CHECK_FALSE(files.exists(run_path / "checkpoints" / "last"));
  const auto newest = train::newest_checkpoint(files, run_path, [](const std::string& text) { FAIL(text); });
  REQUIRE(newest);
  CHECK(train::read_trainer_state(files, newest->checkpoint).global_step == 4);
  const std::string expected = final_weights(files);
  check_goes_on(files, config, expected);
  run(files, config, train::FoundCheckpoint{run_path, run_path / "checkpoints" / "checkpoint-3"});
  CHECK((final_weights(files) == expected));
}

TEST_CASE("what fails before the first step of a resume does not say that there were none before") {
  test::MemoryFiles files;
  train::RunConfig config = run_with_checkpoints();
  run(files, config);
  files.fails = [](const std::string& operation, const fs::path&) { return operation == "reopen"; };
  config.trainer.max_steps = 6;
  CHECK(kind_of([&] { run(files, config, train::FoundCheckpoint{run_path, run_path / "checkpoints" / "checkpoint-4"}); }) == ErrorKind::io);
  const std::string manifest = files.read(run_path / "manifest.json");
  CHECK(manifest.find(R"("status": "failed")") != std::string::npos);
  CHECK(manifest.find(R"("result")") == std::string::npos);
}

TEST_CASE("that a run diverged is told, also where its last finite state cannot be kept") {
  test::MemoryFiles files;
  files.fails = [](const std::string& operation, const fs::path& path) {
    return operation == "create" && path.filename() == "model.safetensors";
  };
  train::RunConfig config = test::small_run("sgd");
  config.trainer.save_steps = 0;
  dynamic_cast<optim::OptimizerOptions&>(*config.optimizer.options).lr = 1e30;
  std::string text;
  try {
    run(files, config);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::numeric);
    text = error.what();
  }
  CHECK_MESSAGE(text.find("its last finite state could not be kept: ") != std::string::npos, text);
}

TEST_CASE("a checkpoint whose bytes have changed is told from a whole one, and an earlier one is taken") {
  test::MemoryFiles files;
  run(files, run_with_checkpoints());
  const train::CheckpointDirectory directory(files, run_path);
  const auto newest_step = [&] {
    std::vector<std::string> warnings;
    const auto found = train::newest_checkpoint(files, run_path, [&](const std::string& text) { warnings.push_back(text); });
    CAPTURE(warnings.size());
    return found ? train::read_trainer_state(files, found->checkpoint).global_step : -static_cast<Index>(warnings.size());
  };
  CHECK(newest_step() == 4);
  const auto spoil = [&](Index step, const char* name, std::size_t place) {
    std::string content = files.read(directory.path_of(step) / name);
    content[place] = static_cast<char>(content[place] ^ 1);
    files.create(directory.path_of(step) / name)->write(content.data(), content.size());
  };
  spoil(4, "optimizer.safetensors", files.read(directory.path_of(4) / "optimizer.safetensors").size() - 1);
  CHECK(newest_step() == 3);
  CHECK(kind_of([&] { train::read_checkpoint(files, directory.path_of(4), {}); }) == ErrorKind::data);
  files.remove(directory.path_of(3) / "trainer_state.json");
  CHECK(newest_step() == -2);
  CHECK(kind_of([&] { train::read_checkpoint(files, directory.path_of(3), {}); }) == ErrorKind::missing);
}

TEST_CASE("what a person may call a checkpoint") {
  test::MemoryFiles files;
  run(files, run_with_checkpoints());
  for (const char* given :
       {"run", "run/", "./run", "run/checkpoints/last", "run/checkpoints/checkpoint-4", "run/checkpoints/checkpoint-4/"}) {
    CAPTURE(given);
    const train::FoundCheckpoint found = train::find_checkpoint(files, given);
    CHECK(found.run == "run");
    CHECK(found.checkpoint == "run/checkpoints/checkpoint-4");
  }
  for (const char* given : {"", "walk", "run/checkpoints/checkpoint-9", "run/metrics.jsonl"}) {
    CAPTURE(given);
    CHECK(kind_of([&] { train::find_checkpoint(files, given); }) == ErrorKind::missing);
  }
}

TEST_CASE("names of checkpoints") {
  using train::CheckpointDirectory;
  CHECK(CheckpointDirectory::name_of(120) == "checkpoint-120");
  CHECK(CheckpointDirectory::step_of("checkpoint-120") == 120);
  for (const char* name :
       {"checkpoint-", "checkpoint-1x", "checkpoint--1", "last", ".checkpoint-1.part", "checkpoint-99999999999999999999"}) {
    CHECK_FALSE(CheckpointDirectory::step_of(name).has_value());
  }
}
