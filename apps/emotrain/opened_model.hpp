#pragma once
#include <memory>
#include <string>
#include <vector>

#include "emotrain/config/load.hpp"
#include "emotrain/train/trained_model.hpp"

/// A model that a run has left, with the run's configuration.
struct OpenedModel {
  emotrain::train::ModelSource source;
  emotrain::config::LoadedConfig loaded;
  std::unique_ptr<emotrain::train::Trainer> trainer;
};

/// `path`: as train::find_model takes it; `overrides`: `section.key=value` for where the data lies, or how many threads. Throws as
/// training does.
std::unique_ptr<OpenedModel> open_model(const std::string& path, const std::vector<std::string>& overrides);
