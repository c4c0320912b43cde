#pragma once
#include <string>
#include <vector>

#include "emotrain/train/trainer.hpp"

namespace emotrain::train {

/// What is trained, on what and how, in a few lines "data: ...", "model: ..." for a person: RunOutline::details.
std::vector<std::string> run_details(const RunConfig& config, Trainer& trainer);

}  // namespace emotrain::train
