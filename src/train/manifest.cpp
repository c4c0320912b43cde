#include "train/manifest.hpp"

#include <fmt/format.h>

#include <fmt/chrono.h>

#include <nlohmann/json.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <vector>

#include "emotrain/core/error.hpp"
#include "emotrain/core/machine.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/report/atomic_file.hpp"
#include "emotrain/train/build_info.hpp"
#include "train/sha256.hpp"

namespace emotrain::train {
namespace {

using nlohmann::ordered_json;

/// Universal time, as in ISO 8601.
std::string utc_now() {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

ordered_json file_entry(const std::filesystem::path& path) {
  std::error_code ignored;
  return {{"file", path.string()}, {"bytes", std::filesystem::file_size(path, ignored)}, {"sha256", sha256_of_file(path)}};
}

ordered_json data_entry(const Trainer& trainer) {
  const data::Splits& splits = trainer.splits();
  std::vector<std::string> files = splits.training_set->files;
  if (splits.test_set && splits.test_set != splits.training_set) {
    files.insert(files.end(), splits.test_set->files.begin(), splits.test_set->files.end());
  }
  for (const auto& set : trainer.event_sets()) {
    for (const std::string& file : set->files) {
      if (std::ranges::find(files, file) == files.end()) files.push_back(file);
    }
  }
  ordered_json entry{{"name", splits.training_set->name},
                     {"train_samples", splits.train.size()},
                     {"validation_samples", splits.validation.size()},
                     {"test_samples", splits.test.size()}};
  if (!splits.standardization.mean.empty()) {
    entry["standardization"] = {{"mean", splits.standardization.mean}, {"deviation", splits.standardization.deviation}};
  }
  entry["files"] = ordered_json::array();
  for (const std::string& file : files) entry["files"].push_back(file_entry(file));
  return entry;
}

ordered_json step_or_null(std::optional<Index> step) { return step ? ordered_json(*step) : ordered_json(nullptr); }

/// What the manifest of a run that is resumed says, as far as it can be read.
ordered_json earlier_manifest(const RunRequest& request) {
  if (!request.resume) return nullptr;
  try {
    ordered_json manifest = ordered_json::parse(request.files->read(request.resume->run / "manifest.json"), nullptr, false);
    if (manifest.is_object()) return manifest;
  } catch (const Error&) {  // it only tells of the past
  }
  return nullptr;
}

std::vector<std::string> sums_of(const ordered_json& data) {
  std::vector<std::string> sums;
  const auto files = data.find("files");
  if (files == data.end()) return sums;
  for (const ordered_json& file : *files) sums.push_back(file.is_object() ? file.value("sha256", std::string()) : std::string());
  return sums;
}

/// Other data would make another run of it.
void require_same_data(const ordered_json& earlier, const ordered_json& data, const std::filesystem::path& run) {
  const auto before = earlier.find("data");
  if (before == earlier.end() || !before->is_object() || sums_of(*before) == sums_of(data)) return;
  fail(ErrorKind::data,
       "{}: the files of {} are not those that the run began with (data.files in its manifest.json has their SHA-256); bring them back, or "
       "start another run from its weights with --init-from",
       run.string(), data["name"].get<std::string>());
}

}  // namespace

struct Manifest::Inputs {
  ordered_json started;
  ordered_json resumed = ordered_json::array();
  ordered_json environment = ordered_json::object();
  ordered_json data;
  ordered_json init_from;
};

Manifest::Manifest(const RunRequest& request, const Trainer& trainer) : request_(request) {
  auto inputs = std::make_unique<Inputs>();
  const std::string now = utc_now();
  const ordered_json earlier = earlier_manifest(request);
  const auto told = [&](const char* key, ordered_json otherwise) {
    const bool fits = earlier.contains(key) && (otherwise.is_null() || earlier[key].type() == otherwise.type());
    return fits ? earlier[key] : std::move(otherwise);
  };
  inputs->started = told("started", now);
  inputs->resumed = told("resumed", ordered_json::array());
  if (request.resume && inputs->resumed.is_array()) inputs->resumed.push_back({{"step", trainer.steps_done()}, {"time", now}});
  inputs->environment = told("environment_overrides", ordered_json::object());
  for (const auto& [name, value] : request.environment) inputs->environment[name] = value;
  inputs->data = data_entry(trainer);
  if (request.resume) require_same_data(earlier, inputs->data, request.resume->run);
  inputs->init_from = request.init_from ? file_entry(*request.init_from) : told("init_from", nullptr);
  inputs_ = std::move(inputs);
}

Manifest::~Manifest() = default;

void Manifest::write(const std::filesystem::path& directory, const char* status, const RunResult* result, const std::string& error) const {
  const ordered_json commit = build_info::commit != nullptr ? ordered_json(build_info::commit) : ordered_json(nullptr);
  ordered_json manifest{{"format", "emotrain-run/1"},
                        {"program", {{"name", "emotrain"}, {"version", build_info::version}, {"commit", commit}}},
                        {"build", {{"compiler", build_info::compiler}, {"type", build_info::build_type}, {"flags", build_info::flags}}},
                        {"machine", {{"cpu", cpu_model()}, {"threads", threads()}}},
                        {"environment_overrides", inputs_->environment},
                        {"seed", request_.config.seed},
                        {"data", inputs_->data},
                        {"init_from", inputs_->init_from},
                        {"started", inputs_->started},
                        {"resumed", inputs_->resumed},
                        {"status", status}};
  if (!error.empty()) manifest["error"] = error;
  if (result != nullptr) {
    manifest["ended"] = utc_now();
    ordered_json metrics = ordered_json::object();
    for (const report::Metric& metric : result->metrics) metrics[metric.name] = metric.value;
    ordered_json best = nullptr;
    if (result->best) best = {{"metric", result->best->metric}, {"value", result->best->value}, {"step", result->best->step}};
    manifest["result"] = {{"steps", result->steps},       {"should_stop_at", step_or_null(result->should_stop_at)},
                          {"epochs", result->epochs},     {"seconds", result->seconds},
                          {"loss", result->loss},         {"best", std::move(best)},
                          {"metrics", std::move(metrics)}};
  }
  // Paths are bytes and need not be UTF-8.
  report::write_file(directory / "manifest.json", manifest.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n",
                     *request_.files);
}

}  // namespace emotrain::train
