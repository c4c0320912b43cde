#include "emotrain/config/load.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "emotrain/config/options_reader.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/data/options.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"
#include "emotrain/optim/schedule.hpp"

using namespace emotrain;
using namespace emotrain::config;

namespace {

/// A file that is gone at the end of the test.
class ConfigFile {
 public:
  explicit ConfigFile(std::string_view text)
      : path_(std::filesystem::temp_directory_path() / fmt::format("emotrain_load_{}.json", ++count_)) {
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

  LoadedConfig load(const std::vector<std::string>& overrides = {}) const { return load_run_config(path_.string(), overrides); }
  /// Without the file's name in front.
  std::string error(const std::vector<std::string>& overrides = {}) const {
    try {
      load(overrides);
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      const std::string text = error.what();
      return text.starts_with(path_.string()) ? text.substr(path_.string().size() + 1) : text;
    }
    return "accepted";
  }

 private:
  static inline int count_ = 0;
  std::filesystem::path path_;
};

constexpr const char* small_config = R"({
  "data": {"name": "digits8x8"},
  "model": {"name": "mlp", "hidden": [9]},
  "optimizer": {"name": "emonavi", "lr": 0.5, "use_shadow": false}
})";

double lr_of(const LoadedConfig& loaded) { return dynamic_cast<optim::OptimizerOptions&>(*loaded.config.optimizer.options).lr; }

}  // namespace

TEST_CASE("defaults, file and arguments come in this order") {
  const ConfigFile file(small_config);
  const LoadedConfig plain = file.load();
  CHECK(plain.config.seed == 0);
  CHECK(plain.config.optimizer.name == "emonavi");
  CHECK(lr_of(plain) == 0.5);
  const LoadedConfig changed = file.load({"seed=7", "optimizer.lr=0.25", "trainer.max_steps=10", "optimizer.lr=0.125", "name=007"});
  CHECK(changed.config.seed == 7);
  CHECK(changed.config.name == "007");
  CHECK(changed.config.trainer.max_steps == 10);
  CHECK(lr_of(changed) == 0.125);
  const LoadedConfig replaced = file.load({R"(optimizer={"name": "sgd"})", "optimizer.momentum=0.5"});
  CHECK(replaced.config.optimizer.name == "sgd");
  CHECK(lr_of(replaced) != 0.5);
}

TEST_CASE("what is wrong with a run's configuration is told") {
  const ConfigFile file(small_config);
  struct Row {
    std::vector<std::string> overrides;
    const char* error;
  };
  const Row rows[] = {
      {{"optimizer.name=adamw"},
       "4:47: /optimizer/use_shadow: a key of the optimizer \"emonavi\", \"emofact\", \"emolynx\", \"emoclan\" and 2 more, not of "
       "\"adamw\"; remove it"},
      {{"model.channels=[8]"},
       "argument 1: /model/channels: a key of the model \"cnn\", \"conv_autoencoder\", \"conv_vae\", not of \"mlp\"; remove it"},
      {{"trainer.batch_size=8"}, "argument 1: /trainer/batch_size: unknown key here; did you mean \"data.batch_size\"?"},
      {{"trainer.shuffle=true"}, "argument 1: /trainer/shuffle: unknown key here; did you mean \"data.shuffle\"?"},
      {{R"(scheduler={"name": "StepLr", "step_size": 5})"},
       "argument 1: /scheduler/name: there is no scheduler \"StepLr\"; did you mean \"StepLR\"?; there are \"constant\", "
       "\"constant_with_warmup\", \"linear\", \"cosine\", \"cosine_with_restarts\", \"polynomial\", \"step\", \"multistep\", "
       "\"exponential\", \"one_cycle\", \"reduce_on_plateau\", \"warmup_stable_decay\""},
      {{R"(scheduler={"name": "step"})"}, "argument 1: /scheduler/step_size: is missing; give the number of steps between two reductions"},
      {{R"(scheduler={"name": "CosineAnnealingLR", "T_mult": 2})"},
       "argument 1: /scheduler/T_mult: a key of the scheduler \"cosine_with_restarts\", not of \"cosine\"; remove it"},
      {{R"(scheduler={"name": "constant", "warmup_start_factor": 1.5})"},
       "argument 1: /scheduler/warmup_start_factor: must be at least 0 and at most 1, got 1.5"},
      {{"trainer.warmup_steps=8"}, "argument 1: /trainer/warmup_steps: unknown key here; did you mean \"scheduler.warmup_steps\"?"},
      {{"trainer.gradient_accumulation_steps=0"},
       "argument 1: /trainer/gradient_accumulation_steps: must be at least 1 and at most 1000000000, got 0"},
      {{"trainer.max_stepz=8"}, "argument 1: /trainer/max_stepz: unknown key; did you mean \"max_steps\"?"},
      {{"trainer.num_train_epochs=2.5"}, "argument 1: /trainer/num_train_epochs: expected a whole number of at most 64 bits, got 2.5"},
      {{"model.hidden=[1, 2147483647]"}, "argument 1: /model/hidden/1: must be at least 1 and at most 1048576, got 2147483647"},
      {{"seed=-1"}, "argument 1: /seed: must be at least 0, got -1"},
      {{"optimizer=adamw"}, "argument 1: /optimizer: expected an object such as {\"name\": \"emonavi\"}, got the string \"adamw\""},
      {{"name=a/b"}, "argument 1: /name: it names a directory"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.overrides[0]);
    const std::string error = file.error(row.overrides);
    CHECK_MESSAGE(error.starts_with(row.error), error);
  }
}

TEST_CASE("data, model and optimizer must be given, and an unknown key is told first") {
  CHECK(ConfigFile("{}").error() == "1:1: /data: is missing; add \"data\": {\"name\": ...}");
  CHECK(ConfigFile(R"({"data": {"name": "iris"}, "model": {"name": "mlp"}})").error() ==
        "1:1: /optimizer: is missing; add \"optimizer\": {\"name\": ...}");
  CHECK(ConfigFile(R"({"data": {"name": "iris"}, "model": {"name": "mlp"}, "optimzer": {"name": "sgd"}})").error() ==
        "1:54: /optimzer: unknown key; did you mean \"optimizer\"?");
}

TEST_CASE("a loss that is not given is the model's usual one") {
  const ConfigFile file(small_config);
  struct Row {
    const char* model;
    const char* loss;
  };
  const Row rows[] = {
      {R"(model={"name": "mlp"})", "cross_entropy"},
      {R"(model={"name": "cnn"})", "cross_entropy"},
      {R"(model={"name": "mlp_autoencoder"})", "mse"},
      {R"(model={"name": "conv_autoencoder"})", "mse"},
      {R"(model={"name": "conv_vae"})", "elbo"},
      {R"(model={"name": "sequential", "layers": [{"type": "flatten"}]})", "cross_entropy"},
      {R"(model={"name": "sequential", "layers": [{"type": "flatten"}], "task": "reconstruction"})", "mse"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.model);
    const LoadedConfig loaded = file.load({row.model});
    CHECK(loaded.config.loss.name == row.loss);
    CHECK(write_options(loaded.config).find("\"reduction\": ") != std::string::npos);
  }
  CHECK(file.load({R"(loss={"name": "mse"})"}).config.loss.name == "mse");
}

TEST_CASE("every shipped configuration loads, and its resolved form gives itself") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(EMOTRAIN_SOURCE) / "configs")) {
    if (entry.path().extension() != ".json") continue;
    CAPTURE(entry.path().string());
    const LoadedConfig loaded = load_run_config(entry.path().string(), {});
    CHECK(loaded.config.name == entry.path().stem().string());
    const std::string resolved = write_options(loaded.config);
    const ConfigFile again(resolved);
    CHECK(write_options(again.load().config) == resolved);
    ++count;
  }
  CHECK(count >= 20);
}

TEST_CASE("every row of every table, with its defaults, is written and read back") {
  const ConfigFile file(small_config);
  const auto check_table = [&](const OptionsTable& table, const char* section) {
    for (const OptionsEntry& entry : table.entries) {
      const std::string name = entry.name;
      const bool needs_files = name == "idx" || name == "csv" || name == "image_folder" || name == "sequential";
      const bool needs_numbers =
          name == "constant_with_warmup" || name == "step" || name == "multistep" || name == "exponential" || name == "warmup_stable_decay";
      if (needs_files || needs_numbers) continue;
      CAPTURE(name);
      const std::string resolved = write_options(file.load({fmt::format(R"({}={{"name": "{}"}})", section, name)}).config);
      CHECK(resolved.find(fmt::format("\"name\": \"{}\"", name)) != std::string::npos);
      CHECK(write_options(ConfigFile(resolved).load().config) == resolved);
    }
  };
  check_table(data::datasets(), "data");
  check_table(nn::models(), "model");
  check_table(nn::losses(), "loss");
  check_table(optim::optimizers(), "optimizer");
  check_table(optim::schedulers(), "scheduler");
}

TEST_CASE("the resolved configuration has a row's own name, and the defaults of the name that was given") {
  const ConfigFile file(small_config);
  CHECK(file.load().config.scheduler.name == "constant");
  struct Row {
    const char* scheduler;
    std::vector<const char*> resolved;
  };
  const Row rows[] = {
      {R"({"name": "CosineAnnealingLR", "T_max": 5})", {R"("name": "cosine")", R"("T_max": 5)", R"("eta_min": 0)"}},
      {R"({"name": "LinearLR"})", {R"("name": "linear")", R"("end_factor": 1,)", R"("total_iters": 5)"}},
      {R"({"name": "LinearLR", "end_factor": 0.5})", {R"("start_factor": 0.3333333333333333,)", R"("end_factor": 0.5,)"}},
      {R"({"name": "linear"})", {R"("name": "linear")", R"("end_factor": 0,)", R"("total_iters": null)"}},
      {R"({"name": "multistep", "milestones": [4, 8]})", {R"("milestones": [4, 8])", R"("warmup_steps": 0)"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.scheduler);
    const std::string resolved = write_options(file.load({std::string("scheduler=") + row.scheduler}).config);
    for (const char* part : row.resolved) CHECK_MESSAGE(resolved.find(part) != std::string::npos, resolved);
    CHECK(write_options(ConfigFile(resolved).load().config) == resolved);
  }
}

TEST_CASE("what a run says of its configuration gets a place") {
  const ConfigFile file(R"({
  "data": {"name": "iris"}, "model": {"name": "sequential",
    "layers": [{"type": "flatten"}, {"type": "linear", "out_features": 3}]},
  "optimizer": {"name": "sgd"}
})");
  LoadedConfig loaded = file.load({"data.limit=7"});
  struct Row {
    const char* text;
    const char* place;
  };
  const Row rows[] = {
      {"/model/layers/1/type: wrong", ":3:46: "},
      {"/model/layers/1: linear: wrong", ":3:37: "},
      {"/model/layers/9: wrong", ":3:15: "},
      {"/model/layers: wrong", ":3:15: "},
      {"/data/limit: wrong", "argument 1: "},
      {"/data/offset: wrong", ":2:11: "},
      {"/data: wrong", ":2:11: "},
      {"/model/name: wrong", ":2:47: "},
      {"/loss/reduction: wrong", ":1:1: "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const std::string placed = with_place(loaded, row.text);
    CHECK_MESSAGE(placed.ends_with(std::string(row.place) + row.text), placed);
  }
  for (const char* text : {"/data/weights.safetensors: wrong", "/home/model: wrong", "/: wrong", "no pointer", "data: wrong", ""}) {
    CHECK(with_place(loaded, text) == text);
  }
}
