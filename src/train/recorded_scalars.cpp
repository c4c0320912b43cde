#include "train/recorded_scalars.hpp"

#include <nlohmann/json.hpp>
#include <cmath>
#include <fstream>
#include <string>
#include <system_error>

#include "emotrain/core/error.hpp"

namespace emotrain::train {

std::vector<double> read_scalars(const std::filesystem::path& record) {
  std::error_code ignored;
  const std::filesystem::path path = std::filesystem::is_directory(record, ignored) ? record / "metrics.jsonl" : record;
  // A device without an end is no record.
  std::ifstream in;
  if (std::filesystem::is_regular_file(path, ignored)) in.open(path);
  if (!in.is_open())
    fail(ErrorKind::missing, "{}: there is no record to read; optimizer.emotion.record is the metrics.jsonl of a run", path.string());
  std::vector<double> scalars;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) fail(ErrorKind::data, "{}:{}: not a record of a step or an evaluation", path.string(), number);
    const auto scalar = json.find("scalar");
    if (scalar == json.end() || scalar->is_null()) continue;
    if (!scalar->is_number() || std::abs(scalar->get<double>()) > 1) {
      fail(ErrorKind::data, "{}:{}: the scalar is {}, not a number from -1 to 1", path.string(), number, scalar->dump());
    }
    scalars.push_back(scalar->get<double>());
  }
  if (scalars.empty()) {
    fail(ErrorKind::data, "{}: no step has a scalar; the run must be one of an optimizer with an emotion", path.string());
  }
  return scalars;
}

}  // namespace emotrain::train
