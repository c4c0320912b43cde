#pragma once
#include <string>
#include <utility>
#include <vector>

#include "emotrain/study/analysis.hpp"

namespace emotrain::study {

/// What the report's tables and charts show, each with the name of its file: `fixed-results.csv`. RFC 4180, with "inf" and empty cells.
std::vector<std::pair<std::string, std::string>> csv_tables(const Study& study, const Analysis& analysis);

}  // namespace emotrain::study
