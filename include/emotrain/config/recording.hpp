#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/config/document.hpp"
#include "emotrain/train/replay.hpp"

/// Recorded losses, gradients and what an optimizer made of them, as tests/data/golden has them:
///
///     scenario-KIND.json   {"format": "emotrain-scenario/1", "name": KIND,
///                           "params": [{"shape": [4, 3], "init": [12 numbers], "name": "fc.weight"}, ...],
///                           "steps": [{"loss": 0.7, "grads": [[12 numbers], ...]}, ...]}
///     a trace              {"format": "emotrain-trace/1", "scenario": KIND, "optimizer": {"name": ..., ...}, "expected": [
///                           {"step": 1, "ema": {"short": ..., "medium": ..., "long": ...}, "scalar": ..., "ratio": ..., "should_stop":
///                           false,
///                            "has_shadow": true, "params": [[...], ...], "shadow": [[...], ...], "eval_params": [[...], ...]}, ...]}
///
/// Tensors are flat, row-major. A gradient may be null: that parameter has none in that step. A parameter's name may be left out (then it
/// is its number, from 0), and so may everything in an element of `expected`, of which there is one for each step.
namespace emotrain::config {

inline constexpr DocumentKind recording_document{"recording", std::size_t{64} << 20, ErrorKind::data};

struct Recording {
  std::shared_ptr<const train::Scenario> scenario;
  /// Empty in a scenario, and where they were not asked for.
  Choice optimizer;
  std::vector<train::Expectation> expected;
};

/// Reads recordings; a scenario that several traces share is read once.
class RecordingReader {
 public:
  /// Where the scenarios of traces are; none: beside each.
  explicit RecordingReader(std::optional<std::filesystem::path> scenarios = {}) : folder_(std::move(scenarios)) {}

  /// A trace with its scenario, or a scenario. With `input_alone` a trace's optimizer and expectations are not read. Throws Error{missing}
  /// if a file is not there, Error{data} with the first Problem if it is malformed, ConfigError{data} with all of an optimizer's.
  Recording read(const std::string& file, bool input_alone = false);

 private:
  std::shared_ptr<const train::Scenario> scenario(const std::filesystem::path& file);

  std::optional<std::filesystem::path> folder_;
  std::map<std::string, std::shared_ptr<const train::Scenario>> scenarios_;
};

/// The optimizer that an argument names: `{"name": "emoclan", "lr": 1e-3}`. `source` is its place in messages. Throws
/// ConfigError{usage}.
Choice parse_optimizer(const std::string& text, const std::string& source);

}  // namespace emotrain::config
