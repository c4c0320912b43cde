#include "emotrain/config/explain.hpp"

#include <doctest/doctest.h>

#include "config/config_file.hpp"

using namespace emotrain;
using namespace emotrain::config;

TEST_CASE("every value is told with where it comes from") {
  const ConfigFile file(R"({
  "data": {"name": "digits8x8"},
  "model": {"name": "sequential", "layers": [{"type": "flatten"}, {"type": "linear", "out_features": 10}]},
  "optimizer": {"name": "emonavi", "edition": "v3.6", "betas": [0.5, 0.75]},
  "scheduler": {"name": "LinearLR", "end_factor": 0.5}
})");
  const std::vector<ExplainedValue> values = explain(file.load({"optimizer.lr=0.25", "optimizer.shadow={}"}, {"EMOTRAIN_SEED=7"}));
  const std::string name = file.path().string();
  struct Row {
    const char* path;
    const char* value;
    std::string origin;
  };
  const Row rows[] = {
      {"seed", "7", "env:EMOTRAIN_SEED"},
      {"name", "\"run\"", "default"},
      {"data.name", "\"digits8x8\"", name + ":2:20"},
      {"data.batch_size", "64", "default"},
      {"model.layers.1.out_features", "10", name + ":3:102"},
      {"model.layers.1.bias", "true", "default"},
      {"loss.name", "\"cross_entropy\"", "model sequential"},
      {"loss.label_smoothing", "0", "default"},
      {"optimizer.lr", "0.25", "argument 1"},
      {"optimizer.betas", "[0.5, 0.75]", name + ":4:64"},
      {"optimizer.emotion.drive", "\"trust\"", "edition v3.6"},
      {"optimizer.emotion.gain", "5", "default"},
      {"optimizer.shadow.strong", "0.625", "edition v3.6"},
      {"optimizer.parameter_groups", "[]", "default"},
      {"scheduler.name", "\"linear\"", name + ":5:25"},
      {"scheduler.end_factor", "0.5", name + ":5:51"},
      {"scheduler.total_iters", "5", "LinearLR"},
      {"trainer.max_steps", "null", "default"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    int found = 0;
    for (const ExplainedValue& value : values) {
      if (value.path != row.path) continue;
      ++found;
      CHECK(value.value == row.value);
      CHECK(value.origin == row.origin);
    }
    CHECK(found == 1);
  }
}
