#pragma once
#include <vector>

#include "emotrain/study/analysis.hpp"

namespace emotrain::study {

/// Whether an arm of the problem has no mean, for one of its runs diverged: then all are ordered by their medians.
bool by_median(const ProblemResult& problem);
/// The place of the arm with the least mean, or median.
std::size_t leader(const ProblemResult& problem);
/// The places of the arms, the best mean rank first.
std::vector<std::size_t> by_rank(const TrackResult& track);

}  // namespace emotrain::study
