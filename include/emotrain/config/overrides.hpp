#pragma once
#include <string>
#include <vector>

#include "emotrain/config/document.hpp"

namespace emotrain::config {

/// Applies `section.key=value` to a document: sets a member, creating objects on the way, or an existing element of an array
/// (`model.layers.0.units=5`). The value is JSON, or else a string; what begins with `{`, `[` or `"` must be JSON. A whole section is
/// replaced by `optimizer={"name": ...}`. Places within the new value are "argument <number>". What is wrong is added to `problems`, and
/// changes no value.
void apply_override(Value& document, const std::string& argument, int number, std::vector<Problem>& problems);

}  // namespace emotrain::config
