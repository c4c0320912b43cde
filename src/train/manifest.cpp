#include "train/manifest.hpp"

#include <fmt/format.h>

#include <fmt/chrono.h>
#include <openssl/evp.h>

#include <nlohmann/json.hpp>
#include <chrono>
#include <fstream>
#include <memory>
#include <vector>

#include "emotrain/core/error.hpp"
#include "emotrain/core/threads.hpp"
#include "emotrain/report/atomic_file.hpp"
#include "emotrain/train/build_info.hpp"

namespace emotrain::train {
namespace {

using nlohmann::ordered_json;

/// Universal time, as in ISO 8601.
std::string utc_now() {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(std::min(line.find(':') + 2, line.size()));
  }
  return "unknown";
}

ordered_json file_entry(const std::filesystem::path& path) {
  std::error_code ignored;
  return {{"file", path.string()}, {"bytes", std::filesystem::file_size(path, ignored)}, {"sha256", sha256_of_file(path)}};
}

ordered_json data_entry(const data::Splits& splits) {
  std::vector<std::string> files = splits.training_set->files;
  if (splits.test_set && splits.test_set != splits.training_set) {
    files.insert(files.end(), splits.test_set->files.begin(), splits.test_set->files.end());
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

ordered_json describe_run(const RunRequest& request, const std::string& started, const ordered_json& data, const ordered_json& init_from) {
  const ordered_json commit = build_info::commit != nullptr ? ordered_json(build_info::commit) : ordered_json(nullptr);
  return {{"format", "emotrain-run/1"},
          {"program", {{"name", "emotrain"}, {"version", build_info::version}, {"commit", commit}}},
          {"build", {{"compiler", build_info::compiler}, {"type", build_info::build_type}, {"flags", build_info::flags}}},
          {"machine", {{"cpu", cpu_model()}, {"threads", threads()}}},
          {"seed", request.config.seed},
          {"data", data},
          {"init_from", init_from},
          {"started", started},
          {"ended", utc_now()}};
}

ordered_json step_or_null(std::optional<Index> step) { return step ? ordered_json(*step) : ordered_json(nullptr); }

void write(const std::filesystem::path& path, const ordered_json& manifest) {
  // Paths are bytes and need not be UTF-8.
  report::write_file(path, manifest.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace

std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::vector<char> chunk(std::size_t{1} << 16U);
  bool good = in.good() && context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  while (good && !in.eof()) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    good = !in.bad() && EVP_DigestUpdate(context.get(), chunk.data(), static_cast<std::size_t>(in.gcount())) == 1;
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  good = good && EVP_DigestFinal_ex(context.get(), digest, &size) == 1;
  if (!good) fail(ErrorKind::io, "{}: cannot be read for its SHA-256", path.string());
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

struct Manifest::Inputs {
  ordered_json data;
  ordered_json init_from;
};

Manifest::Manifest(const RunRequest& request, const data::Splits& splits)
    : request_(request),
      started_(utc_now()),
      inputs_(std::make_unique<Inputs>(
          Inputs{.data = data_entry(splits), .init_from = request.init_from ? file_entry(*request.init_from) : ordered_json(nullptr)})) {}

Manifest::~Manifest() = default;

void Manifest::write_completed(const std::filesystem::path& path, const RunResult& result) const {
  ordered_json manifest = describe_run(request_, started_, inputs_->data, inputs_->init_from);
  manifest["status"] = "completed";
  ordered_json metrics = ordered_json::object();
  for (const report::Metric& metric : result.metrics) metrics[metric.name] = metric.value;
  manifest["result"] = {{"steps", result.steps},   {"should_stop_at", step_or_null(result.should_stop_at)},
                        {"epochs", result.epochs}, {"seconds", result.seconds},
                        {"loss", result.loss},     {"metrics", std::move(metrics)},
                        {"files", result.files}};
  write(path, manifest);
}

void Manifest::write_failed(const std::filesystem::path& path, const Trainer& trainer, const std::string& error) const {
  ordered_json manifest = describe_run(request_, started_, inputs_->data, inputs_->init_from);
  manifest["status"] = "failed";
  manifest["error"] = error;
  manifest["result"] = {
      {"steps", trainer.steps_done()}, {"should_stop_at", step_or_null(trainer.should_stop_at())}, {"epochs", trainer.epochs_done()}};
  write(path, manifest);
}

}  // namespace emotrain::train
