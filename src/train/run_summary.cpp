#include "emotrain/train/run_summary.hpp"

#include <nlohmann/json.hpp>
#include <algorithm>
#include <charconv>

#include "emotrain/core/error.hpp"
#include "train/sha256.hpp"

namespace emotrain::train {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

template <class T>
T value_or(const json& object, const char* key, T otherwise) {
  const auto member = object.find(key);
  if (member == object.end() || member->is_null()) return otherwise;
  return member->get<T>();
}

/// Of the last whole record of a step: what a run that has no result yet, or never will, has done.
Index last_step(const FileSystem& files, const fs::path& metrics) {
  constexpr std::uint64_t tail = 64 * 1024;
  if (files.kind(metrics) != FileSystem::Kind::file) return 0;
  const auto file = files.open(metrics);
  std::string text(static_cast<std::size_t>(std::min(tail, file->size())), '\0');
  file->read(file->size() - text.size(), text.data(), text.size());
  const auto end = text.rfind('\n');
  if (end == std::string::npos || end == 0) return 0;
  const auto begin = text.rfind('\n', end - 1);
  const json record = json::parse(text.substr(begin + 1, end - begin - 1), nullptr, false);
  return record.is_object() ? value_or<Index>(record, "step", 0) : 0;
}

RunSummary parse(const json& manifest) {
  RunSummary summary{.status = manifest.at("status").get<std::string>(),
                     .started = value_or<std::string>(manifest, "started", {}),
                     .ended = value_or<std::string>(manifest, "ended", {}),
                     .metrics = {},
                     .error = value_or<std::string>(manifest, "error", {})};
  const auto result = manifest.find("result");
  if (result == manifest.end()) return summary;
  summary.steps = value_or<Index>(*result, "steps", 0);
  summary.seconds = value_or<double>(*result, "seconds", 0);
  const auto loss = result->find("loss");
  if (loss != result->end() && loss->is_number()) summary.loss = loss->get<double>();
  if (!result->contains("metrics")) return summary;
  for (const auto& [name, value] : (*result)["metrics"].items()) {
    if (value.is_number()) summary.metrics[name] = value.get<double>();
  }
  return summary;
}

}  // namespace

std::optional<RunSummary> read_summary(const FileSystem& files, const fs::path& run) {
  const fs::path path = run / "manifest.json";
  if (!files.exists(path)) return std::nullopt;
  try {
    const json manifest = json::parse(files.read(path));
    if (manifest.at("format") == "emotrain-run/1") {
      RunSummary summary = parse(manifest);
      if (!manifest.contains("result")) summary.steps = last_step(files, run / "metrics.jsonl");
      return summary;
    }
  } catch (const json::exception&) {  // what it says of positions helps nobody
  }
  fail(ErrorKind::data, "{}: not the manifest of a run", path.string());
}

RunOrigin read_origin(const FileSystem& files, const fs::path& run) {
  const fs::path path = run / "manifest.json";
  RunOrigin origin;
  std::string sum;
  try {
    const json manifest = json::parse(files.read(path));
    const json none = json::object();
    const json branch = value_or<json>(manifest, "branch_of", none);
    origin.step = value_or<Index>(branch, "step", 0);
    const json weights = value_or<json>(manifest, "init_from", none);
    if (weights.contains("file")) origin.init_from = weights["file"].get<std::string>();
    sum = value_or<std::string>(weights, "sha256", {});
  } catch (const json::exception&) {
    fail(ErrorKind::data, "{}: not the manifest of a run", path.string());
  }
  if (origin.init_from && sha256_of_file(*origin.init_from, files) != sum) {
    fail(ErrorKind::data, "{}: is not the file that {} had its initial weights from; bring that back", origin.init_from->string(),
         run.string());
  }
  return origin;
}

std::optional<fs::path> newest_run(const FileSystem& files, const std::string& name) {
  const fs::path runs = "runs";
  if (!files.is_directory(runs)) return std::nullopt;
  Index greatest = 0;
  for (const std::string& entry : files.list(runs)) {
    Index n = 0;
    const char* last = entry.data() + entry.size();
    if (!entry.starts_with(name + "-")) continue;
    const auto [end, error] = std::from_chars(entry.data() + name.size() + 1, last, n);
    if (error == std::errc{} && end == last) greatest = std::max(greatest, n);
  }
  if (greatest == 0) return std::nullopt;
  return runs / fmt::format("{}-{}", name, greatest);
}

}  // namespace emotrain::train
