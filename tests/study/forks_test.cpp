#include "emotrain/study/forks.hpp"

#include <doctest/doctest.h>

#include <string>

#include "emotrain/core/error.hpp"
#include "study/record_comparison.hpp"
#include "support/memory_files.hpp"

using namespace emotrain;
using namespace emotrain::study;

namespace {

void put(test::MemoryFiles& files, const std::string& path, const std::string& text) {
  const auto file = files.create(path);
  file->write(text.data(), text.size());
}

std::string step(Index n, const std::string& rest) { return "{\"step\":" + std::to_string(n) + "," + rest + "}\n"; }

/// "STEP KEY" of the first difference of anything, and of the loss; and how many records both have.
std::string compare(const std::string& first, const std::string& second, Index after = 0) {
  test::MemoryFiles files;
  put(files, "a", first);
  put(files, "b", second);
  const RecordComparison found = compare_records(files, "a", "b", after);
  std::string text = std::to_string(found.common);
  if (found.any) text += " " + std::to_string(found.any->step) + " " + found.any->key;
  if (found.loss) text += " " + std::to_string(found.loss->step) + " " + found.loss->key;
  return text;
}

}  // namespace

TEST_CASE("where records part") {
  const std::string one = step(1, R"("loss":1,"ratio":0,"rule":"navi")");
  const std::string two = step(2, R"("loss":0.5,"ratio":0.3,"rule":"navi","layers":{"fc":{"norm":2}})");
  const std::string score = step(2, R"("eval_loss":0.7)");
  const std::string three = step(3, R"("loss":0.25,"ratio":0)");
  const std::string all = one + two + score + three;
  struct Row {
    std::string first, second;
    const char* found;
  };
  const Row rows[] = {
      {all, all, "4"},
      {all, "", "0"},
      {all, one, "1"},
      // Only what both have counts, and a last line that was cut short is none.
      {all, one + two + three, "3"},
      {all, all.substr(0, all.size() - 3), "3"},
      {all, one + step(2, R"("loss":0.5,"ratio":null)") + three, "3"},
      {all, one + step(2, R"("loss":0.5,"ratio":0,"rule":"navi")") + three, "3 2 ratio"},
      {all, one + step(2, R"("loss":0.5,"rule":"lion")"), "2 2 rule"},
      {all, one + step(2, R"("loss":0.5,"layers":{"fc":{"norm":3}})"), "2 2 layers.fc.norm"},
      {all, one + two + step(2, R"("eval_loss":0.8)") + step(3, R"("loss":0.2)"), "4 2 eval_loss 3 loss"},
      {all, step(1, R"("loss":1.0000000000000002)") + two, "1 1 loss 1 loss"},
      // Numbers as they are, however they are written.
      {all, step(1, R"("loss":1.0,"ratio":0e0)"), "1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.second);
    CHECK(compare(row.first, row.second) == row.found);
  }
  CHECK(compare(all, all, 2) == "1");
  CHECK(compare(all, three, 2) == "1");
  CHECK_THROWS_AS(compare(all, "nonsense\n"), Error);
  CHECK_THROWS_AS(compare(all, "{\"step\":1,\"loss\":\n"), Error);
}

TEST_CASE("forks are listed by step and number, as they were written") {
  test::MemoryFiles files;
  files.create_directories("run");
  CHECK(forks_of(files, "run").empty());
  const auto fork = [&](Index at, std::optional<Index> difference) {
    Fork made{.path = create_fork_directory(files, "run", at),
              .at = at,
              .overrides = {"optimizer.lr=1e-4", "optimizer.use_shadow=false"},
              .label = "a label",
              .status = "completed",
              .first_difference = difference,
              .identical = !difference,
              .original_agrees = std::nullopt};
    write_fork(files, made);
    return made;
  };
  fork(100, 101);
  fork(20, std::nullopt);
  fork(100, 105);
  files.create_directories("run/forks/30-1");
  files.create_directories("run/forks/other");
  put(files, "run/forks/other/fork.json", "{}");
  files.create_directories("run/forks/31-1");
  put(files, "run/forks/31-1/fork.json", "{\"format\": \"emotrain-fork/1\"}");
  const std::vector<Fork> forks = forks_of(files, "run");
  REQUIRE(forks.size() == 3);
  CHECK(forks[0].path == "run/forks/20-1");
  CHECK(forks[0].identical);
  CHECK_FALSE(forks[0].first_difference);
  CHECK(forks[1].path == "run/forks/100-1");
  CHECK(forks[2].path == "run/forks/100-2");
  CHECK(forks[2].first_difference == 105);
  CHECK(forks[2].overrides == std::vector<std::string>{"optimizer.lr=1e-4", "optimizer.use_shadow=false"});
  CHECK(forks[2].label == "a label");
  CHECK(forks[2].as_was() == "run/forks/100-2/as-was");
}
