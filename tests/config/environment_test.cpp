#include <doctest/doctest.h>

#include <cctype>
#include <set>

#include "config/config_file.hpp"
#include "emotrain/config/options_listing.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/nn/models.hpp"
#include "emotrain/optim/optimizer.hpp"

using namespace emotrain;
using namespace emotrain::config;

namespace {

constexpr const char* small_config = R"({
  "seed": 1,
  "data": {"name": "digits8x8"},
  "model": {"name": "mlp", "hidden": [9, 8]},
  "optimizer": {"name": "emonavi", "lr": 0.5}
})";

double lr_of(const LoadedConfig& loaded) { return dynamic_cast<optim::OptimizerOptions&>(*loaded.config.optimizer.options).lr; }

}  // namespace

TEST_CASE("variables come between the file and the arguments") {
  const ConfigFile file(small_config);
  const std::vector<std::string> variables = {
      "PATH=/bin",         "EMOTRAIN_SEED=2",   "EMOTRAIN_OPTIMIZER__LR=0.25", "EMOTRAIN_TRAINER__MAX_STEPS=10",
      "EMOTRAINER=no one", "EMOTRAIN_NAME=a-b", "EMOTRAIN_MODEL__HIDDEN__1=7"};
  const LoadedConfig loaded = file.load({"seed=3"}, variables);
  CHECK(loaded.config.seed == 3);
  CHECK(lr_of(loaded) == 0.25);
  CHECK(loaded.config.trainer.max_steps == 10);
  CHECK(loaded.config.name == "a-b");
  CHECK(dynamic_cast<nn::MlpOptions&>(*loaded.config.model.options).hidden == std::vector<Index>{9, 7});
  const std::vector<std::pair<std::string, std::string>> applied = {{"EMOTRAIN_MODEL__HIDDEN__1", "7"},
                                                                    {"EMOTRAIN_NAME", "a-b"},
                                                                    {"EMOTRAIN_OPTIMIZER__LR", "0.25"},
                                                                    {"EMOTRAIN_SEED", "2"},
                                                                    {"EMOTRAIN_TRAINER__MAX_STEPS", "10"}};
  CHECK(loaded.environment == applied);
  CHECK(file.load().environment.empty());
}

TEST_CASE("the case of a variable does not matter, and a section comes before its keys") {
  const ConfigFile file(small_config);
  const LoadedConfig loaded = file.load(
      {}, {"EMOTRAIN_optimizer__Lr=0.125", R"(EMOTRAIN_OPTIMIZER={"name": "sgd", "lr": 1})", "EMOTRAIN_SCHEDULER__NAME=cosine",
           "EMOTRAIN_SCHEDULER__T_MAX=4", R"(EMOTRAIN_MODEL={"name": "sequential", "layers": [{"type": "flatten"}, {"type": "linear"}]})",
           "EMOTRAIN_MODEL__LAYERS__1__OUT_FEATURES=10"});
  CHECK(loaded.config.optimizer.name == "sgd");
  CHECK(lr_of(loaded) == 0.125);
  CHECK(write_options(loaded.config).find("\"T_max\": 4") != std::string::npos);
  CHECK(write_options(loaded.config).find("\"out_features\": 10") != std::string::npos);
}

TEST_CASE("what is wrong with a variable is told by its name") {
  const ConfigFile file(small_config);
  struct Row {
    std::vector<std::string> variables;
    std::vector<std::string> errors;
  };
  const Row rows[] = {
      {{"EMOTRAIN_OPTIMIZER__LRR=1"}, {"env:EMOTRAIN_OPTIMIZER__LRR: no option has this name; did you mean EMOTRAIN_OPTIMIZER__LR?"}},
      {{"EMOTRAIN_TRAINER_MAX_STEPS=1"},
       {"env:EMOTRAIN_TRAINER_MAX_STEPS: no option has this name; did you mean EMOTRAIN_TRAINER__MAX_STEPS?"}},
      {{"EMOTRAIN_DEBUG_EVERYTHING_THERE_IS=1"},
       {"env:EMOTRAIN_DEBUG_EVERYTHING_THERE_IS: no option has this name; it is EMOTRAIN_SECTION__KEY"}},
      {{"EMOTRAIN_=1"}, {"env:EMOTRAIN_: no option has this name; it is EMOTRAIN_SECTION__KEY"}},
      {{"EMOTRAIN_SEED=x", "EMOTRAIN_OPTIMIZER__LR=-1"},
       {"env:EMOTRAIN_SEED: /seed: expected a whole number of at most 64 bits, got the string \"x\"",
        "env:EMOTRAIN_OPTIMIZER__LR: /optimizer/lr: must be at least 0, got -1"}},
      {{"EMOTRAIN_OPTIMIZER__MOMENTUM=0.9"},
       {"env:EMOTRAIN_OPTIMIZER__MOMENTUM: /optimizer/momentum: a key of the optimizer \"sgd\", \"rmsprop\", \"muon\", not of \"emonavi\"; "
        "remove it"}},
      {{"EMOTRAIN_SEED=1", "EMOTRAIN_seed=2"}, {"env:EMOTRAIN_seed: sets what EMOTRAIN_SEED sets; unset one of them"}},
      {{"EMOTRAIN_MODEL__HIDDEN__2=1"},
       {"env:EMOTRAIN_MODEL__HIDDEN__2: /model/hidden/2: an array of 2 elements, counted from 0; give the "
        "whole array as JSON"}},
      {{"EMOTRAIN_MODEL__HIDDEN=[1"}, {"env:EMOTRAIN_MODEL__HIDDEN: /model/hidden: not valid JSON: unexpected end of input; expected ']'"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.variables[0]);
    CHECK(file.errors({}, row.variables) == row.errors);
  }
}

TEST_CASE("no two options differ by the case of their letters alone") {
  std::set<std::string> names;
  for (const std::vector<std::string>& path : option_paths(list_options(train::RunConfig()))) {
    std::string name;
    for (const std::string& step : path) {
      CHECK(step.find("__") == std::string::npos);
      name += "__" + step;
    }
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    CAPTURE(name);
    CHECK(names.insert(name).second);
  }
  CHECK(names.size() > 200);
}
