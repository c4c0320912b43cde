#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emotrain/data/dataset.hpp"

namespace emotrain::data {

/// Labels are below this.
constexpr std::int32_t max_classes = 65'536;

/// One class name a line, UTF-8. Throws Error{data} for an empty line, a name given twice, or no name.
std::vector<std::string> read_class_names(const std::filesystem::path& path);

/// Names the classes of a set and of its test set, if any: from `names_file`, else "0" to the highest label of `training`. Throws
/// Error{data} for a label that is none of them; `labels_file` and `test_labels_file` are named then.
void name_classes(const std::optional<std::filesystem::path>& names_file, Dataset& training, const std::filesystem::path& labels_file,
                  Dataset* test, const std::filesystem::path& test_labels_file);

}  // namespace emotrain::data
