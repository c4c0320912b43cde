#pragma once
#include <string>

#include "emotrain/core/options.hpp"

namespace emotrain::config {

/// The options as a JSON document that read_options() reads back to the same values: every field, in the order of the field lists, two
/// spaces a level, doubles with the fewest digits that give the same double, null for optional fields without a value. Ends with a
/// newline. Precondition: strings are UTF-8, as those that were read are.
std::string write_options(const Options& options);

}  // namespace emotrain::config
