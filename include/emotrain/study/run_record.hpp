#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/train/run_config.hpp"

/// What a run left about its steps, as arrays: for explanations and pages.
namespace emotrain::study {

/// The numbers of a step, by their keys in metrics.jsonl.
enum class Key : std::uint8_t {
  loss,
  learning_rate,
  grad_norm,
  ema_short,
  ema_medium,
  ema_long,
  scalar,
  ratio,
  drive,
  shadow_distance,
  moved,
};
inline constexpr std::array<const char*, 11> key_names{"loss",   "learning_rate", "grad_norm", "ema_short",       "ema_medium", "ema_long",
                                                       "scalar", "ratio",         "drive",     "shadow_distance", "moved"};

/// metrics.jsonl. Step number first_step + i stands at i; a number that a step lacks, or that was not finite, is NaN.
struct StepSeries {
  Index first_step = 1;
  std::array<std::vector<double>, key_names.size()> values;
  /// Names of rules, and of each step the place of its rule among them.
  std::vector<std::string> rules;
  std::vector<std::uint8_t> rule;
  /// Of a step that was skipped: its optimizer did nothing.
  static constexpr std::uint8_t no_rule = 255;
  /// 1: it was up in this step.
  std::vector<std::uint8_t> should_stop;
  /// The disturbances at work, of the steps that have any.
  std::map<Index, std::vector<std::string>> events;
  /// Coordinates after each step, two a step; empty if the model has more or none are recorded.
  std::vector<double> point;
  std::vector<double> shadow_point;

  /// Of the steps that tell of layers.
  struct Details {
    std::vector<Index> steps;
    struct Layer {
      std::string name;
      std::vector<double> norm, moved, shadow_distance;
    };
    std::vector<Layer> layers;
  } details;

  /// A row for each step with an evaluation; a metric that it lacks is NaN.
  struct Evaluations {
    std::vector<Index> steps;
    std::vector<std::pair<std::string, std::vector<double>>> metrics;
  } evaluations;

  Index steps() const { return static_cast<Index>(rule.size()); }
  Index last_step() const { return first_step + steps() - 1; }
  const std::vector<double>& of(Key key) const { return values[static_cast<std::size_t>(key)]; }
  std::vector<double>& of(Key key) { return values[static_cast<std::size_t>(key)]; }
};

/// The text of a metrics.jsonl, which errors call `file`. Steps may begin at any number and follow each other without a gap; a last line
/// that is cut short is left out. Names of rules and events are of A-Z a-z 0-9 _ . -. Throws Error{data} with `file:line`.
StepSeries read_steps(std::string_view text, const std::string& file);

struct RunRecord {
  std::filesystem::path directory;
  /// running, completed, interrupted, diverged, failed; empty without a manifest.
  std::string status;
  /// The manifest's, of a run that diverged or failed.
  std::string error;
  train::RunConfig config;
  /// config.json.
  std::string config_text;
  StepSeries steps;
};

/// A run directory, or its metrics.jsonl. A run under way is read as far as it is. Throws Error{missing, data, usage}.
RunRecord read_run(const std::filesystem::path& path, const FileSystem& files = disk());

/// Whether a directory is that of a run: it has config.json and metrics.jsonl.
bool is_run(const std::filesystem::path& path, const FileSystem& files = disk());

}  // namespace emotrain::study
