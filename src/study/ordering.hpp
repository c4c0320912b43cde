#pragma once
#include <map>
#include <vector>

#include "emotrain/study/analysis.hpp"

namespace emotrain::study {

/// Whether an arm of the problem has no mean, for one of its runs diverged: then all are ordered by their medians.
bool by_median(const ProblemResult& problem);
/// The place of the arm with the least mean, or median.
std::size_t leader(const ProblemResult& problem);
/// What the pair says of `place`: first_better if it is better than the other.
Outcome seen_from(const PairComparison& pair, std::size_t place);
/// How often each outcome came out between two arms, over the problems, seen from the first.
std::map<Outcome, int> outcomes_between(const TrackResult& track, std::size_t place, std::size_t other);
/// The places of the arms, the best mean rank first.
std::vector<std::size_t> by_rank(const TrackResult& track);

}  // namespace emotrain::study
