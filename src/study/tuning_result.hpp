#pragma once
#include <string>
#include <vector>

#include "emotrain/study/analysis.hpp"

namespace emotrain::study {

/// Precondition: all trials are recorded.
TuningResult tuning_result(const Study& study, const Records& records, std::size_t problem, std::size_t arm);

/// What of the chosen trial lies at the edge of what was searched.
std::vector<std::string> edge_flags(const Arm& arm, const TuningResult& result);

}  // namespace emotrain::study
