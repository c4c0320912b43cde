#pragma once
#include <string>

#include "emotrain/study/lesson_verdict.hpp"

namespace emotrain::study {

/// A finding as a picture within a page: a dot for each seed, below them the estimate with its interval, on the claim's side shaded.
std::string finding_strip(const LessonFinding& finding, const FindingResult& result);

}  // namespace emotrain::study
