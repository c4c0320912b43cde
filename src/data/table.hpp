#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "emotrain/core/real.hpp"

namespace emotrain::data {

/// Numbers of a CSV file, row by row, without the label column.
struct Table {
  std::vector<std::string> columns;
  Index rows = 0;
  std::vector<Real> values;
  /// One a row, in [0, max_classes); none without a label column.
  std::vector<std::int32_t> labels;
};

/// `label_column` "": all columns are values. Throws as CsvReader, and Error{data} for a cell that is not a finite number in Real's range,
/// a label that is not such an integer, a label column that is not there, and a table without rows or without columns.
Table read_table(const std::filesystem::path& path, const std::string& label_column);

}  // namespace emotrain::data
