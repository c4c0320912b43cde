#pragma once
#include <string>

#include "emotrain/train/run.hpp"

/// The result of a run for a person, a few lines.
std::string result_text(const emotrain::train::RunResult& result, bool stop_on_quiet);
/// The same as a JSON object, on one line.
std::string result_json(const emotrain::train::RunResult& result);
