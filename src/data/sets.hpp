#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/data/dataset.hpp"

namespace emotrain::data {

/// A set from IDX files, without class names.
std::shared_ptr<Dataset> load_idx(const char* name, const std::filesystem::path& images,
                                  const std::optional<std::filesystem::path>& labels);

/// A set from a CSV table, without class names; `columns` receives the names of the value columns.
std::shared_ptr<Dataset> load_csv(const char* name, const std::filesystem::path& path, const std::string& label_column,
                                  std::vector<std::string>* columns = nullptr);

}  // namespace emotrain::data
