#pragma once
#include <span>
#include <string>

#include "emotrain/config/document.hpp"
#include "emotrain/train/run_config.hpp"

namespace emotrain::config {

struct LoadedConfig {
  train::RunConfig config;
  /// The file's content with the overrides applied: knows where each value was written.
  Value document;
};

/// The configuration of a run: defaults, overruled by the file, overruled by `section.key=value` arguments in their order
/// (overrides.hpp). `data`, `model` and `optimizer` must be given; a loss that is not given is the model's usual one: cross_entropy for
/// classifiers, mse for autoencoders, elbo for VAEs. Reads no other file. Throws Error{usage} with the first Problem, Error{missing} or
/// Error{io} if the file cannot be read.
LoadedConfig load_run_config(const std::string& file, std::span<const std::string> overrides);

/// What a run says about its configuration begins with the JSON pointer of one of its options, `/model/hidden: ...`: puts the place in
/// front where that option, or the nearest group around it, was written. Other texts are returned as they are.
std::string with_place(LoadedConfig& loaded, const std::string& text);

}  // namespace emotrain::config
