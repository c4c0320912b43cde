#pragma once
#include <string>
#include <vector>

#include "emotrain/config/load.hpp"

namespace emotrain::config {

/// A value of a resolved configuration, and why it is what it is.
struct ExplainedValue {
  /// `optimizer.betas`, as in an argument.
  std::string path;
  /// JSON, on one line.
  std::string value;
  /// `run.json:3:14`, `env:EMOTRAIN_SEED`, `argument 1`, `default`, or what the default follows from: `edition v1`, `model mlp`,
  /// `LinearLR`.
  std::string origin;
};

/// Every value, in the order of the resolved configuration. A list of numbers or strings is one value.
std::vector<ExplainedValue> explain(const LoadedConfig& loaded);

}  // namespace emotrain::config
