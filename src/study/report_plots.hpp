#pragma once
#include <string>
#include <utility>
#include <vector>

#include "emotrain/study/analysis.hpp"

namespace emotrain::study {

/// SVG images with the names of their files: validation curves of each problem, learning-rate sensitivity, performance profiles.
std::vector<std::pair<std::string, std::string>> report_plots(const Study& study, const Analysis& analysis);

}  // namespace emotrain::study
