#include <cmath>

#include "data/table.hpp"
#include "fuzz/target.hpp"

/// A CSV file, with and without a column of labels.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace emotrain;
  const fuzz::InputPath path(bytes, size);
  for (const char* label : {"", "label"}) {
    fuzz::may_refuse({ErrorKind::data}, [&] {
      const data::Table table = data::read_table(path.str(), label);
      fuzz::require(table.values.size() == static_cast<std::size_t>(table.rows) * table.columns.size(), "a value for each cell");
      fuzz::require(table.labels.size() == (*label == '\0' ? 0 : static_cast<std::size_t>(table.rows)), "a label for each row");
      for (const Real value : table.values) fuzz::require(std::isfinite(value), "values are finite");
    });
  }
  return 0;
}
