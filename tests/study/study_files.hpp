#pragma once
#include <fstream>
#include <string>

#include "data/temp_folder.hpp"
#include "emotrain/study/study.hpp"

namespace emotrain::test {

/// A study from its text.
inline study::Study study_of(const std::string& text) {
  const data::TempFolder folder;
  return study::load_study(folder.write("study.json", text));
}

/// Functions take no time.
inline constexpr const char* quadratic_study = R"({
  "name": "quadratic", "problems": ["noisy_quadratic"], "seeds": 9,
  "optimizers": [{"name": "adamw", "lr": 0.05}, {"name": "adamw", "lr": 0.05, "label": "twin"}, {"name": "emonavi", "lr": 0.05},
    {"name": "sgd", "lr": {"log_uniform": [1e-6, 1e-3]}, "label": "narrow"},
    {"name": "sgd", "lr": {"log_uniform": [1e-3, 10]}, "momentum": {"choice": [0, 0.5]}}],
  "budget": {"trials": 16, "tuning_seeds": 2, "steps": 0.4}})";

}  // namespace emotrain::test
