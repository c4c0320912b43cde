#include "emotrain/train/checkpoint.hpp"

#include <algorithm>

#include "fuzz/target.hpp"
#include "support/memory_files.hpp"
#include "train/sha256.hpp"
#include "train/trainer_state_json.hpp"

namespace {

using namespace emotrain;

train::FileSum write(test::MemoryFiles& files, const char* name, std::string_view content) {
  files.create(name)->write(content.data(), content.size());
  return {content.size(), train::sha256_of_file(name, files)};
}

}  // namespace

/// The files of a checkpoint: two bytes with the length of model.safetensors, low byte first, that file, and optimizer.safetensors. Sizes
/// and sums are as trainer_state.json says, or nothing behind them would be reached.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view content = fuzz::text_of(bytes + 2, size - 2);
  const std::size_t cut = std::min<std::size_t>(content.size(), bytes[0] + 256U * bytes[1]);
  test::MemoryFiles files;
  files.create_directory("c");
  const train::FileSum model = write(files, "c/model.safetensors", content.substr(0, cut));
  const train::FileSum optimizer = write(files, "c/optimizer.safetensors", content.substr(cut));
  write(files, "c/trainer_state.json", train::state_text({{}, model, optimizer}));
  fuzz::may_refuse({ErrorKind::data}, [&] {
    const train::Checkpoint checkpoint = train::read_checkpoint(files, "c", {"0.weight", "0.bias"});
    for (const optim::StateSlot& slot : checkpoint.slots) fuzz::require(slot.parameter < 2, "state belongs to a parameter");
  });
  return 0;
}
