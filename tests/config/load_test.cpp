#include "emotrain/config/load.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "config/config_file.hpp"
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
      {{"trainer.learning_rate=0.1"}, "argument 1: /trainer/learning_rate: unknown key; here it is called \"optimizer.lr\""},
      {{"epochs=3"}, "argument 1: /epochs: unknown key; here it is called \"trainer.num_train_epochs\""},
      {{"optimizer.learning_rate=0.1"}, "argument 1: /optimizer/learning_rate: unknown key; here it is called \"optimizer.lr\""},
      {{R"(scheduler={"name": "one_cycle", "steps": 30})"}, "argument 1: /scheduler/steps: unknown key; known here: "},
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
      {{"name=a/b"}, "argument 1: /name: it names files"},
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

TEST_CASE("everything that is wrong is told at once, in the order of the file, then of variables and arguments") {
  const ConfigFile file(R"({
  "optimizer": {"name": "adamw", "lr": -1, "betas": [0.9, 1.5], "wieght_decay": 0.1},
  "data": {"name": "digits8x8", "batch_size": "many", "shuffle": true, "shuffle": false},
  "model": {"name": "mpl"},
  "trainer": {"max_step": 1}
})");
  const std::vector<std::string> errors = file.errors({"seed=-1", "nonsense", "trainer.max_steps=[1"}, {"EMOTRAIN_DATA__LIMIT=0"});
  const std::vector<std::string> expected = {
      "2:40: /optimizer/lr: must be at least 0, got -1",
      "2:59: /optimizer/betas/1: must be at least 0 and below 1, got 1.5",
      "2:65: /optimizer/wieght_decay: unknown key; did you mean \"weight_decay\"?",
      "3:47: /data/batch_size: expected a whole number of at most 64 bits, got the string \"many\"",
      "3:72: /data/shuffle: the key is given twice; keep one of them",
      "4:21: /model/name: there is no model \"mpl\"; did you mean \"mlp\"?; there are \"mlp\", \"cnn\", \"mlp_autoencoder\", "
      "\"conv_autoencoder\", \"conv_vae\", \"sequential\", \"function\"",
      "5:15: /trainer/max_step: unknown key; did you mean \"max_steps\"?",
      "argument 2: \"nonsense\" is not of the form section.key=value",
      "argument 3: /trainer/max_steps: not valid JSON: unexpected end of input; expected ']'",
      "argument 1: /seed: must be at least 0, got -1",
      "env:EMOTRAIN_DATA__LIMIT: /data/limit: must be at least 1, got 0",
  };
  CHECK(errors == expected);
}

TEST_CASE("keys that belong elsewhere are sent there") {
  const ConfigFile file(small_config);
  struct Row {
    const char* argument;
    const char* hint;
  };
  const Row rows[] = {
      {R"(optimizer={"name": "adamw", "edition": "v1"})",
       R"(/optimizer/edition: unknown key here; did you mean "optimizer.emotion.edition"?)"},
      {R"(optimizer={"name": "adamw", "stop_history": "per_tensor"})", R"(did you mean "optimizer.emotion.stop_history"?)"},
      {R"(optimizer={"name": "adamw", "stop_histroy": "per_tensor"})", R"(did you mean "optimizer.emotion.stop_history"?)"},
      {R"(optimizer={"name": "adamw", "strong": 0.5})", R"(did you mean "optimizer.shadow.strong"?)"},
      {R"(optimizer={"name": "emonavi", "drive": "calm"})", R"(did you mean "optimizer.emotion.drive"?)"},
      {R"(optimizer={"name": "adamw", "momentun": 0.9})",
       R"(unknown key; did you mean "momentum"? That is a key of the optimizer "sgd", )"},
      {"trainer.batch_sise=4", R"(unknown key here; did you mean "data.batch_size"?)"},
      {"lr=4", R"(unknown key here; did you mean "optimizer.lr"?)"},
      {R"(data={"nmae": "iris"})", R"(/data/nmae: unknown key; did you mean "name"?)"},
      {"optimizer.edition=v3.7", R"(must be one of "v1", "v2", "v3.0", "v3.6", got "v3.7")"},
      {"optimizer.edition=v36", R"(got "v36"; did you mean "v3.6"?)"},
      {"optimizer.edition=V2", R"(got "V2"; did you mean "v2"?)"},
      {"optimizer.edition=v9", R"(got "v9")"},
      {"optimizer.edition=latest", R"(got "latest")"},
      {"optimizer.edition=v1.0", R"(got "v1.0")"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.argument);
    const std::vector<std::string> errors = file.errors({row.argument});
    REQUIRE(errors.size() == 1);
    CHECK_MESSAGE(errors[0].find(row.hint) != std::string::npos, errors[0]);
    if (!std::string(row.hint).ends_with('?') && std::string(row.hint).starts_with("got")) CHECK(errors[0].ends_with(row.hint));
  }
  CHECK(
      file.errors({R"(optimizer={"name": "emonavi", "emotion": null})"}) ==
      std::vector<std::string>{"argument 1: /optimizer/emotion: is null, but it is the emotion that blends the shadow; add \"use_shadow\": "
                               "false to be without both, or remove emotion to have the edition's"});
  CHECK(file.errors({R"(optimizer={"name": "emonavi", "emotion": null, "use_shadow": false})"}).empty());
}

TEST_CASE("a file may name its schema and its version") {
  const ConfigFile file(small_config);
  const std::string plain = write_options(file.load().config);
  CHECK(plain.find("$schema") == std::string::npos);
  CHECK(plain.starts_with("{\n  \"schema_version\": 1,\n"));
  CHECK(write_options(file.load({"$schema=x.json", "schema_version=1"}).config).starts_with("{\n  \"$schema\": \"x.json\",\n"));
  CHECK(file.errors({"schema_version=2", "bogus=1"}) ==
        std::vector<std::string>{"argument 1: /schema_version: is 2, and this program knows version 1 alone; use a newer emotrain"});
  CHECK(file.error({"schema_version=0"}).ends_with("version 1 alone; write 1, or remove the key"));
  CHECK(file.error({"schema_version=one"}).find("expected a whole number") != std::string::npos);
  CHECK(file.error({"$schema=1"}) == "argument 1: /$schema: expected a string in double quotes, got 1");
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
  CHECK(file.load({R"(model={"name": "function"})"}).config.loss.name == "value");
  CHECK(file.load({R"(loss={"name": "mse"})"}).config.loss.name == "mse");
}

TEST_CASE("every shipped configuration loads, and its resolved form gives itself") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shipped_configs())) {
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
