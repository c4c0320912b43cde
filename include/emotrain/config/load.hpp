#pragma once
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "emotrain/config/document.hpp"
#include "emotrain/train/run_config.hpp"

namespace emotrain::config {

/// The sections without which a run would be a surprise.
inline constexpr std::array required_sections{"data", "model", "optimizer"};

struct LoadedConfig {
  train::RunConfig config;
  /// The file's content with the overrides applied: knows where each value was written.
  Value document;
  /// The variables that were applied, with their values.
  std::vector<std::pair<std::string, std::string>> environment = {};
  /// The file's content.
  std::string text = {};
};

/// The loss of a run that names none: cross_entropy for classifiers, mse for autoencoders, elbo for VAEs.
const char* usual_loss(const Options& model);

/// The configuration of a run: defaults, overruled by the file, by variables `EMOTRAIN_SECTION__KEY=value` among `environment` (others are
/// passed over), and by `section.key=value` arguments in their order (overrides.hpp). The required sections must be given; a loss that is
/// not given is the model's usual one. Reads no other file. Throws
/// ConfigError{usage} with all problems, in the order of the file, then of variables and arguments; of a file that is no JSON the first.
/// Error{missing} or Error{io} if the file cannot be read.
LoadedConfig load_run_config(const std::string& file, std::span<const std::string> overrides = {},
                             std::span<const std::string> environment = {});

/// What a run says about its configuration begins with the JSON pointer of one of its options, `/model/hidden: ...`: puts the place in
/// front where that option, or the nearest group around it, was written. Other texts are returned as they are.
std::string with_place(LoadedConfig& loaded, const std::string& text);

}  // namespace emotrain::config
