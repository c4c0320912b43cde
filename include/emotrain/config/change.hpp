#pragma once
#include <span>
#include <string>

#include "emotrain/config/load.hpp"

namespace emotrain::config {

/// A run's configuration, from its config.json, with changes: `section.key=value` as overrides.hpp has them, or `section.key*=factor`,
/// which multiplies the number that stands there by then. In the sections that a change touches, what stands at its default follows the
/// change: with `optimizer.edition=v3.6` all that an edition sets, with `optimizer.name=adamw` all that adamw has and the run had not set
/// itself. Without changes it is the configuration itself. Throws as load_run_config() does.
LoadedConfig change_config(const std::string& file, std::span<const std::string> changes);

}  // namespace emotrain::config
