#pragma once
#include <filesystem>
#include <vector>

namespace emotrain::train {

/// The emotion's scalar of every step in a metrics.jsonl, or in that of a run directory. Throws Error{missing}, and Error{data} where a
/// line is no record or no step has a scalar.
std::vector<double> read_scalars(const std::filesystem::path& record);

}  // namespace emotrain::train
