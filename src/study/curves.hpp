#pragma once
#include "emotrain/study/analysis.hpp"

namespace emotrain::study {

/// Of the runs of an arm on a problem. A run that diverged is infinite from there on.
Curves curves_of(const std::vector<const JobRecord*>& runs);

}  // namespace emotrain::study
