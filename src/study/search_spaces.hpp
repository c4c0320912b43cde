#pragma once
#include <string>
#include <vector>

#include "emotrain/study/study.hpp"

namespace emotrain::study {

/// The search spaces in an optimizer's object, which stands at `pointer`. What is wrong with them is added to `problems`.
std::vector<SearchSpace> find_spaces(const config::Value& optimizer, const std::string& pointer, std::vector<config::Problem>& problems);

/// Points that show whether all values of the spaces are accepted: both ends and the middle, and each choice.
std::vector<std::vector<double>> probes(const std::vector<SearchSpace>& spaces);

}  // namespace emotrain::study
