#include "data/table.hpp"

#include <cmath>
#include <limits>
#include <string_view>

#include "data/classes.hpp"
#include "data/csv.hpp"
#include "data/input_file.hpp"
#include "data/number.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::data {
namespace {

constexpr Index max_rows = (Index{1} << 31) - 1;

Real read_value(std::string_view text, const CsvReader& csv, Index column) {
  const auto value = parse_number(text);
  const std::string& name = csv.header()[static_cast<std::size_t>(column)];
  if (text.empty()) fail(ErrorKind::data, "{}: no value in column \"{}\"; fill or remove the row", csv.place(), display(name));
  if (!value) {
    fail(ErrorKind::data, "{}: \"{}\" in column \"{}\" is not a finite decimal number; write it as in 12, -0.5 or 1e-3", csv.place(),
         display(text), display(name));
  }
  if (std::abs(*value) > static_cast<double>(std::numeric_limits<Real>::max())) {
    fail(ErrorKind::data, "{}: {} in column \"{}\" is too large for 32-bit floating point; scale the column", csv.place(), display(text),
         display(name));
  }
  return static_cast<Real>(*value);
}

std::int32_t read_label(std::string_view text, const CsvReader& csv) {
  const auto label = parse_integer(text);
  if (!label || *label < 0 || *label >= max_classes) {
    fail(ErrorKind::data, "{}: the label \"{}\" is not an integer from 0 to {}; number the classes from 0", csv.place(), display(text),
         max_classes - 1);
  }
  return static_cast<std::int32_t>(*label);
}

}  // namespace

Table read_table(const std::filesystem::path& path, const std::string& label_column) {
  CsvReader csv(path);
  const Index label_at = label_column.empty() ? -1 : csv.column(label_column);
  if (!label_column.empty() && label_at < 0) {
    fail(ErrorKind::data, "{}: there is no column \"{}\"; name the label column in data.label_column (null: none)", csv.place(),
         display(label_column));
  }
  Table table;
  for (Index column = 0; column < static_cast<Index>(csv.header().size()); ++column) {
    if (column != label_at) table.columns.push_back(csv.header()[static_cast<std::size_t>(column)]);
  }
  if (table.columns.empty()) fail(ErrorKind::data, "{}: there is no column beside the labels; add columns of numbers", csv.place());

  std::vector<std::string_view> fields;
  while (csv.next(fields)) {
    if (++table.rows > max_rows) fail(ErrorKind::data, "{}: more than {} rows; split the file", csv.place(), max_rows);
    for (Index column = 0; column < static_cast<Index>(fields.size()); ++column) {
      const std::string_view text = fields[static_cast<std::size_t>(column)];
      if (column == label_at) {
        table.labels.push_back(read_label(text, csv));
      } else {
        table.values.push_back(read_value(text, csv, column));
      }
    }
  }
  if (table.rows == 0) fail(ErrorKind::data, "{}: has a header and no rows; add rows", display(path));
  return table;
}

}  // namespace emotrain::data
