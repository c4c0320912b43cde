#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/config_file.hpp"
#include "config/effect_search.hpp"
#include "emotrain/config/options_reader.hpp"
#include "emotrain/config/options_writer.hpp"
#include "emotrain/data/batches.hpp"
#include "emotrain/data/options.hpp"
#include "emotrain/nn/layer_options.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/train/events.hpp"
#include "emotrain/train/run.hpp"
#include "emotrain/train/safetensors.hpp"
#include "emotrain/train/trainer.hpp"
#include "support/temporary_directory.hpp"

/// That no option of data, models, layers, losses, the trainer and the run itself is accepted and then not used.
using namespace emotrain;
using namespace emotrain::config;

namespace {

const std::string data_folder = EMOTRAIN_SOURCE "/data";

template <class T>
void append(std::string& out, const T* values, std::size_t count) {
  out.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

void append_set(std::string& out, const data::Dataset* set) {
  if (set == nullptr) return;
  out += fmt::format("{} of {}", set->size, set->sample_shape);
  append(out, set->bytes.data(), set->bytes.size());
  append(out, set->reals.data(), set->reals.size());
  append(out, set->labels.data(), set->labels.size());
  for (const std::string& name : set->class_names) out += name + "\n";
}

/// The samples, their parts, and the first batches.
std::optional<std::string> seen_of_data(const Json& object) {
  std::vector<Problem> problems;
  const Choice choice = read_choice(parse_argument(object.dump(), "test"), {}, data::datasets(), problems);
  if (!problems.empty()) return {};
  const auto& options = dynamic_cast<const data::DataOptions&>(*choice.options);
  std::string out;
  try {
    const data::Splits splits = data::load_splits(options);
    append_set(out, splits.training_set.get());
    append_set(out, splits.test_set.get());
    for (const auto* part : {&splits.train, &splits.validation, &splits.test}) {
      out += fmt::format("part of {}:", part->size());
      append(out, part->data(), part->size());
    }
    data::Batches batches(splits.train, options.batch_size, options.shuffle, 1);
    for (Index step = 0; step < 3; ++step) {
      const auto indices = batches.at(step).indices;
      append(out, indices.data(), indices.size());
    }
  } catch (const Error& error) {
    return error.what();
  }
  return out;
}

Json small_config() {
  Json config = Json::parse(R"({
    "data": {"name": "digits8x8", "limit": 48, "batch_size": 16, "validation_fraction": 0.25},
    "model": {"name": "mlp", "hidden": [4]},
    "optimizer": {"name": "sgd", "lr": 0.1},
    "trainer": {"max_steps": 4, "threads": 1}
  })");
  config["data"]["root"] = data_folder;
  return config;
}

std::optional<LoadedConfig> loaded(const Json& config) {
  const ConfigFile file(config.dump());
  try {
    return file.load();
  } catch (const ConfigError&) {
    return {};
  }
}

/// Losses, weights, and what an evaluation finds.
std::optional<std::string> seen_of_training(const Json& config) {
  const auto given = loaded(config);
  if (!given) return {};
  // Read once: what these searches change is not in the data.
  static const data::Splits digits = train::load_data(loaded(small_config())->config);
  std::string out;
  try {
    const data::Splits splits = given->config.data.name == "none" ? train::load_data(given->config) : digits;
    train::Trainer trainer(given->config, splits);
    for (Index step = 0; step < 3; ++step) {
      const double loss = trainer.step().loss;
      append(out, &loss, 1);
    }
    for (const auto& [name, tensor] : train::weights(trainer.model())) {
      out += fmt::format("{} {}", name, tensor.shape());
      append(out, tensor.data(), static_cast<std::size_t>(tensor.size()));
    }
    for (const report::Metric& metric : trainer.validate()) append(out, &metric.value, 1);
  } catch (const Error& error) {
    return error.what();
  }
  return out;
}

Seen with_section(const char* section, const Json& config) {
  return [section, config](const Json& object) {
    Json whole = config;
    whole[section] = object;
    return seen_of_training(whole);
  };
}

Json named(const char* name, const char* object) {
  Json out{{"name", name}};
  out.update(Json::parse(object));
  return out;
}

void check_none(const std::vector<std::string>& silent) {
  for (const std::string& path : silent) CHECK_MESSAGE(false, path);
}

/// What is shown of progress.
class Display final : public report::Sink {
 public:
  void begin(const report::RunOutline& outline) override {
    text = fmt::format("{} {} {}", outline.name, outline.steps, outline.logging_steps);
  }
  void step(const report::StepRecord& /*record*/) override {}
  void evaluation(const report::EvaluationRecord& /*record*/) override {}
  void end() override {}
  std::string text;
};

/// The files of a run, but for what differs from run to run.
std::optional<std::string> seen_of_run(const Json& config) {
  const auto given = loaded(config);
  if (!given) return {};
  const TemporaryDirectory folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  Display display;
  std::string out;
  try {
    train::run({.config = given->config, .resolved_config = write_options(given->config), .display = &display});
  } catch (const Error& error) {
    out = error.what();
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(".")) {
    // Events carry the time, and so does their name.
    const bool has_time = entry.path().filename().string().starts_with("events.");
    if (entry.is_regular_file() && !has_time) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const std::filesystem::path& file : files) {
    out += "\n" + file.string() + " ";
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (file.filename() == "manifest.json") {
      out += nlohmann::json::parse(text)["machine"].dump();
    } else if (file.filename() == "trainer_state.json") {
      nlohmann::json state = nlohmann::json::parse(text);
      state.erase("seconds");
      state.erase("events");
      state.erase("sha256");
      out += state.dump();
    } else if (file.filename() != "config.json") {
      out += text;
    }
  }
  std::filesystem::current_path(before);
  return display.text + out;
}

}  // namespace

TEST_CASE("every option of every data set has an effect") {
  const TemporaryDirectory folder;
  for (const char* name : {"a", "b"}) {
    std::filesystem::create_directories(folder / name);
    for (int i = 0; i < 6; ++i) {
      const char* image = *name == 'a' ? "/data/corpus/image/ok-rgb.png" : "/data/corpus/image/ok.jpg";
      std::filesystem::copy_file(EMOTRAIN_SOURCE "/tests" + std::string(image), folder.path() / name / fmt::format("{}.png", i));
    }
  }
  std::ofstream(folder / "index.csv") << "path,class\na/0.png,x\nb/0.png,y\na/1.png,x\nb/1.png,y\n";
  std::ofstream(folder / "names.txt") << "p\nq\nr\ns\nt\nu\nv\nw\nx\ny\n";
  const std::string corpus = EMOTRAIN_TEST_DATA "/corpus/idx/";
  const std::string iris = data_folder + "/tabular/iris.csv";
  const std::string images = corpus + "ok-images.idx";
  const std::string labels = corpus + "ok-labels.idx";
  std::vector<std::string> digits_keys;
  for (const ListedOption& option : list_row(data::datasets(), "digits8x8").options) digits_keys.push_back(option.key);
  for (const OptionsEntry& entry : data::datasets().entries) {
    const std::string name = entry.name;
    CAPTURE(name);
    const std::vector<ListedOption> options = list_row(data::datasets(), name).options;
    if (name == "mnist" || name == "fashion_mnist" || name.starts_with("emoji")) {
      // They take long to read, and share the options of digits8x8.
      CHECK(std::ranges::equal(options, digits_keys, {}, &ListedOption::key));
      continue;
    }
    const Json here{{"name", name}};
    Json bundled{{"name", name}, {"root", data_folder}};
    Json csv{{"name", name}, {"root", data_folder}, {"path", "tabular/iris.csv"}};
    Json folders{{"name", name}, {"root", folder.path().string()}, {"path", "."}};
    Json idx{{"name", name}, {"root", corpus}, {"images", "ok-images.idx"}, {"labels", "ok-labels.idx"}};
    const Json idx_bare{{"name", name}, {"root", corpus}, {"images", "ok-images.idx"}};
    Json idx_pair = idx;
    idx_pair["test_images"] = "ok-images.idx";
    idx_pair["test_labels"] = "ok-labels.idx";
    const bool is_csv = name == "csv";
    const Search search{.seen = seen_of_data,
                        .contexts = {here, bundled, csv, folders, idx_bare, idx, idx_pair},
                        .values = {{"root", {"/nonexistent"}},
                                   {"path", {is_csv ? data_folder + "/tabular/wine.csv" : folder.path().string() + "/a"}},
                                   {"test_path", {is_csv ? iris : folder.path().string()}},
                                   {"label_column", {"petal_width_cm", nullptr}},
                                   {"class_names", {(folder / "names.txt").string()}},
                                   {"index", {"index.csv"}},
                                   {"images", {corpus + "mismatch-labels-19.idx"}},
                                   {"labels", {labels}},
                                   {"test_images", {images}},
                                   {"test_labels", {corpus + "mismatch-labels-19.idx"}},
                                   {"image_size", {Json::array({16, 16})}}}};
    check_none(without_effect(options, search));
  }
}

TEST_CASE("every option of every model has an effect") {
  const Json layers = Json::parse(R"([{"type": "flatten"}, {"type": "linear", "out_features": 64}])");
  for (const OptionsEntry& entry : nn::models().entries) {
    CAPTURE(std::string(entry.name));
    Json config = small_config();
    if (std::string(entry.name) == "function") config["data"] = {{"name", "none"}};
    const Search search{
        .seen = with_section("model", config),
        .contexts = {named(entry.name, "{}"), named(entry.name, R"({"channels": [4]})"),
                     named(entry.name, R"({"layers": [{"type": "flatten"}, {"type": "linear", "out_features": 10}]})"),
                     named(entry.name, R"({"hidden": [4], "norm": "batch"})")},
        .values = {
            {"layers", {layers}}, {"start", {Json::array({1, 0.5})}}, {"hidden", {Json::array({5})}}, {"channels", {Json::array({5})}}}};
    check_none(without_effect(list_row(nn::models(), entry.name).options, search));
  }
}

TEST_CASE("every option of every layer has an effect") {
  for (const OptionsEntry& entry : nn::layers().entries) {
    CAPTURE(std::string(entry.name));
    const Seen seen = [&](const Json& layer) {
      const bool flat = std::string(entry.name) == "linear" || std::string(entry.name) == "unflatten";
      const bool images = layer["type"] != "unflatten";
      Json model{{"name", "sequential"}, {"layers", Json::array()}};
      Json& layers = model["layers"];
      if (images) layers.push_back(Json::parse(R"({"type": "conv2d", "out_channels": 4, "kernel_size": 3})"));
      if (flat) layers.push_back(Json::parse(R"({"type": "flatten"})"));
      layers.push_back(layer);
      if (!flat || !images) layers.push_back(Json::parse(R"({"type": "conv2d", "out_channels": 2, "kernel_size": 1})"));
      if (!flat || !images) layers.push_back(Json::parse(R"({"type": "flatten"})"));
      layers.push_back(Json::parse(R"({"type": "linear", "out_features": 10})"));
      return with_section("model", small_config())(model);
    };
    const Json type{{"type", entry.name}};
    std::vector<Json> contexts{type};
    for (const char* more :
         {R"({"out_features": 6})", R"({"out_channels": 4, "kernel_size": 3})", R"({"out_channels": 4, "kernel_size": 3, "stride": 2})",
          R"({"kernel_size": 2})", R"({"num_groups": 2})", R"({"scale_factor": 2})", R"({"unflattened_size": [1, 8, 8]})"}) {
      contexts.push_back(type);
      contexts.back().update(Json::parse(more));
    }
    const Search search{.seen = seen, .contexts = contexts, .values = {{"unflattened_size", {Json::array({2, 4, 8})}}}};
    check_none(without_effect(list_row(nn::layers(), entry.name).options, search));
  }
}

TEST_CASE("every option of every loss has an effect") {
  for (const OptionsEntry& entry : nn::losses().entries) {
    CAPTURE(std::string(entry.name));
    Json config = small_config();
    const std::string name = entry.name;
    if (name == "elbo") {
      config["model"] = Json::parse(R"({"name": "conv_vae", "channels": [4], "latent": 2})");
    } else if (name != "cross_entropy") {
      config["model"] = Json::parse(R"({"name": "mlp_autoencoder", "hidden": [4], "latent": 2})");
    }
    const Search search{.seen = with_section("loss", config), .contexts = {named(entry.name, "{}")}};
    check_none(without_effect(list_row(nn::losses(), entry.name).options, search));
  }
}

TEST_CASE("every option of every event has an effect") {
  const Seen seen = [](const Json& event) {
    Json config = small_config();
    config["events"] = Json::array({event});
    return seen_of_training(config);
  };
  const auto digits = [](Index offset) { return Json{{"name", "digits8x8"}, {"root", data_folder}, {"offset", offset}}; };
  for (const OptionsEntry& entry : train::event_kinds().entries) {
    CAPTURE(std::string(entry.name));
    Json context{{"kind", entry.name}, {"at", 1}};
    if (entry.name == std::string("switch_data")) context["data"] = digits(500);
    const Search search{.seen = seen, .contexts = {context}, .values = {{"data", {digits(200)}}}};
    check_none(without_effect(list_row(train::event_kinds(), entry.name).options, search));
  }
}

TEST_CASE("the record of an emotion is read from its file") {
  const TemporaryDirectory folder;
  std::ofstream(folder / "a.jsonl") << "{\"step\": 1, \"scalar\": 0.7}\n{\"step\": 2, \"scalar\": -0.2}\n";
  std::ofstream(folder / "b.jsonl") << "{\"step\": 1, \"scalar\": 0.1}\n{\"step\": 2, \"scalar\": 0.4}\n";
  const auto seen = [&](const char* file) {
    Json optimizer = Json::parse(R"({"name": "adamw", "emotion": {"source": "shuffled", "drive": "calm"}})");
    optimizer["emotion"]["record"] = (folder / file).string();
    return with_section("optimizer", small_config())(optimizer);
  };
  CHECK(seen("a.jsonl") == seen("a.jsonl"));
  CHECK(seen("a.jsonl") != seen("b.jsonl"));
  CHECK(seen("absent.jsonl").value_or("").find("absent.jsonl") != std::string::npos);
}

TEST_CASE("every option of the trainer and of the run has an effect") {
  std::vector<Json> contexts;
  for (const char* more : {R"({})", R"({"trainer": {"max_steps": null, "num_train_epochs": 1}})", R"({"optimizer": {"lr": 1e30}})",
                           R"({"optimizer": {"name": "emonavi", "emotion": {"stop_window": 1, "stop_mean": 1, "stop_variance": 1}}})",
                           R"({"model": {"name": "conv_vae", "channels": [4], "latent": 2, "hidden": null}})",
                           R"({"trainer": {"eval_steps": 1}})", R"({"trainer": {"eval_steps": 1, "save_steps": 1}})",
                           R"({"trainer": {"eval_steps": 1, "save_steps": 1, "save_total_limit": 1}})"}) {
    contexts.push_back(small_config());
    contexts.back().merge_patch(Json::parse(more));
  }
  const Search search{.seen = seen_of_run,
                      .contexts = contexts,
                      .values = {{"name", {"other"}},
                                 {"data", {Json{{"name", "iris"}, {"root", data_folder}}}},
                                 {"model", {Json::parse(R"({"name": "mlp", "hidden": [5]})")}},
                                 {"loss", {Json::parse(R"({"name": "cross_entropy", "label_smoothing": 0.5})")}},
                                 {"optimizer", {Json::parse(R"({"name": "adamw"})")}},
                                 {"scheduler", {Json::parse(R"({"name": "cosine"})")}},
                                 {"events", {Json::parse(R"([{"kind": "lr_factor", "at": 1}])")}},
                                 {"metric_for_best_model", {"eval_accuracy", "eval_loss"}}}};
  std::vector<std::string> silent = without_effect(list_options(train::RunConfig()), search);
  // For editors alone.
  CHECK(std::erase(silent, "$schema") == 1);
  check_none(silent);
}
