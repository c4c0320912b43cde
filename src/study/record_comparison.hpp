#pragma once
#include <optional>
#include <string>

#include "emotrain/core/file_system.hpp"
#include "emotrain/core/real.hpp"

namespace emotrain::study {

/// Where two runs' records (metrics.jsonl) part.
struct RecordComparison {
  struct Difference {
    Index step = 0;
    /// `loss`, `eval_accuracy`, `layers.fc1.norm`, and the two values as JSON.
    std::string key = {};
    std::string first = {};
    std::string second = {};
  };

  /// Records, of steps and evaluations, that both have.
  Index common = 0;
  /// The first of anything, and of the loss of a step.
  std::optional<Difference> any = std::nullopt;
  std::optional<Difference> loss = std::nullopt;
};

/// Compares to the bit what both have recorded of the same steps behind `after`; a value that one of them lacks or has as null is no
/// difference, nor is a record that only one has. A last line cut short is passed over.
RecordComparison compare_records(const FileSystem& files, const std::filesystem::path& first, const std::filesystem::path& second,
                                 Index after);

}  // namespace emotrain::study
