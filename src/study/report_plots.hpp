#pragma once
#include <string>
#include <utility>
#include <vector>

#include "emotrain/study/analysis.hpp"

namespace emotrain::study {

/// SVG images with the names of their files: validation curves of each problem, learning-rate sensitivity, performance profiles, and
/// the trajectories on functions of two coordinates.
std::vector<std::pair<std::string, std::string>> report_plots(const Study& study, const Analysis& analysis);

/// Of a track's problem; empty: it is no such function, or the records have no trajectories.
std::string trajectory_plot(const Study& study, const TrackResult& track, std::size_t number);

}  // namespace emotrain::study
