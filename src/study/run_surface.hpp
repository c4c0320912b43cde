#pragma once
#include <nlohmann/json.hpp>

#include "emotrain/study/run_record.hpp"

namespace emotrain::study {

/// Of a run that minimizes a function of two coordinates: the function over a grid, and the way over it from the start on (if that is
/// not a branch's, or given by --init-from). Null for others.
/// The grid holds the function's window and the way, as far as that goes no farther than the window's size beyond it.
nlohmann::ordered_json run_surface(const RunRecord& run, const FileSystem& files);

}  // namespace emotrain::study
