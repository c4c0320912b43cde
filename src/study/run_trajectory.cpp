#include <nlohmann/json.hpp>
#include <algorithm>
#include <string_view>

#include "emotrain/core/error.hpp"
#include "emotrain/nn/models.hpp"
#include "emotrain/report/atomic_file.hpp"
#include "emotrain/study/trajectory.hpp"

namespace emotrain::study {
namespace {

using Json = nlohmann::json;

void append_point(const Json& step, const char* key, std::vector<Point>& out) {
  const auto point = step.find(key);
  // Null: it has none, or it is not finite.
  if (point == step.end() || !point->is_array() || point->size() != 2 || !(*point)[0].is_number() || !(*point)[1].is_number()) return;
  out.push_back({(*point)[0].get<double>(), (*point)[1].get<double>()});
}

/// The points of all steps, which follow those that are there.
void read_points(const std::string& metrics, Trajectory& out) {
  for (std::size_t begin = 0; begin < metrics.size();) {
    const std::size_t end = std::min(metrics.find('\n', begin), metrics.size());
    const std::string_view line(metrics.data() + begin, end - begin);
    begin = end + 1;
    // Evaluations have none.
    if (line.find("\"point\"") == std::string_view::npos) continue;
    // The last line of a run that was killed may be cut short.
    const Json step = Json::parse(line, nullptr, false);
    if (step.is_discarded()) continue;
    append_point(step, "point", out.points);
    append_point(step, "shadow_point", out.shadow);
  }
}

}  // namespace

bool begins_at_start(const std::filesystem::path& run, const FileSystem& files) {
  const std::filesystem::path path = run / "manifest.json";
  if (!files.exists(path)) return true;
  const Json manifest = Json::parse(files.read(path), nullptr, false);
  const auto is_told = [&](const char* key) { return manifest.is_object() && manifest.contains(key) && !manifest[key].is_null(); };
  return !is_told("init_from") && !is_told("branch_of");
}

std::optional<Trajectory> read_trajectory(const train::RunConfig& config, const std::filesystem::path& run, const FileSystem& files) {
  const auto* options = dynamic_cast<const nn::FunctionOptions*>(config.model.options.get());
  if (options == nullptr || nn::find_function(options->function)->dimensions != 2) return std::nullopt;
  Trajectory trajectory{.label = config.optimizer.name, .points = {}, .shadow = {}};
  if (begins_at_start(run, files)) {
    const std::vector<Real> start = options->first_point(static_cast<std::uint64_t>(config.seed));
    trajectory.points.push_back({start[0], start[1]});
  }
  const std::size_t before = trajectory.points.size();
  read_points(files.read(run / "metrics.jsonl"), trajectory);
  return trajectory.points.size() > before ? std::optional(std::move(trajectory)) : std::nullopt;
}

bool write_trajectory(const train::RunConfig& config, const std::filesystem::path& run, FileSystem& files) {
  const std::optional<Trajectory> trajectory = read_trajectory(config, run, files);
  if (!trajectory) return false;
  const auto& options = dynamic_cast<const nn::FunctionOptions&>(*config.model.options);
  report::write_file(run / trajectory_file, trajectory_svg(*nn::find_function(options.function), {&*trajectory, 1}), files);
  return true;
}

}  // namespace emotrain::study
