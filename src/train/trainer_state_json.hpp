#pragma once
#include <string>
#include <string_view>

#include "emotrain/train/checkpoint.hpp"

namespace emotrain::train {

struct FileSum {
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// trainer_state.json.
struct StateDocument {
  TrainerState state;
  FileSum model;
  FileSum optimizer;
};

std::string state_text(const StateDocument& document);
/// Whether a text is as state_text made it: it ends with the SHA-256 of what stands before that. One without a sum is that of an older
/// version.
bool state_is_whole(std::string_view text);
/// Throws Error{data} naming `path` and what is missing or wrong.
StateDocument parse_state(const std::filesystem::path& path, std::string_view text);

}  // namespace emotrain::train
