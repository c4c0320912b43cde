#pragma once
#include <vector>

#include "emotrain/config/document.hpp"
#include "emotrain/core/options.hpp"

namespace emotrain::config {

/// Reads the members of a JSON object into options; what the object does not give keeps its value. Returns everything that is wrong, in
/// the order of the fields (about a hundred at most):
///   - unknown keys, with the nearest known one: of the object, of a group within it, of other rows of its OptionsTable, or elsewhere;
///   - values of the wrong type, outside the field's range, or not among its choices; null where a value is needed;
///   - strings that are empty, contain NUL, or are longer than a path can be; strings and choices without a default that are not given;
///   - what Options::check() finds, for a group that is otherwise right.
/// A whole number is also accepted as 3.0 or 3e0.
std::vector<Problem> read_options(const Value& document, Options& options);

/// Reads an object that names a row of a table, `{"name": "adamw", "lr": 1e-3}`, and stands at `pointer` of its document. What is wrong is
/// added to `problems`; the choice is empty if the table has no such row.
Choice read_choice(const Value& value, const std::string& pointer, const OptionsTable& table, std::vector<Problem>& problems);

}  // namespace emotrain::config
