#include <filesystem>
#include <fstream>

#include "emotrain/train/checkpoint.hpp"

/// Writes a small checkpoint as seeds: DIRECTORY/safetensors/, checkpoint/ and trainer_state/.
int main(int argc, char** argv) {
  using namespace emotrain;
  namespace fs = std::filesystem;
  if (argc != 2) return 2;
  const fs::path directory = argv[1];

  const train::Checkpoint written{
      .state = {.global_step = 7,
                .updates = 7,
                .epoch = 0.5,
                .loss = 0.25,
                .evaluated = 5,
                .should_stop_at = 6,
                .schedule = {},
                .best = train::TrainerState::Best{.metric = "eval_loss", .value = 0.5, .step = 5},
                .seconds = 1.5,
                .metrics_bytes = 100,
                .events_file = "events.out.tfevents.1.host",
                .events_bytes = 50},
      .weights = {{"0.weight", Tensor::full({2, 3}, 1)}, {"0.bias", Tensor::full({2}, 2)}},
      .slots = {{"exp_avg", 0, Tensor::full({2, 3}, 3)}, {"shadow", 1, Tensor::full({2}, 4)}},
      .numbers = {{"emotion/ema_short", {0.5}}, {"emotion/window", {1, 2, 3}}},
  };
  fs::create_directories(directory);
  train::CheckpointDirectory checkpoints(disk(), directory);
  checkpoints.write(written, {"0.weight", "0.bias"});

  const fs::path from = checkpoints.path_of(7);
  const auto copy = [&](const char* name, const char* to) {
    fs::create_directories(directory / to);
    fs::copy_file(from / name, directory / to / name, fs::copy_options::overwrite_existing);
  };
  copy("model.safetensors", "safetensors");
  copy("optimizer.safetensors", "safetensors");
  copy("trainer_state.json", "trainer_state");

  const std::string model = disk().read(from / "model.safetensors");
  fs::create_directories(directory / "checkpoint");
  std::ofstream(directory / "checkpoint/both", std::ios::binary)
      << static_cast<char>(model.size() % 256) << static_cast<char>(model.size() / 256) << model
      << disk().read(from / "optimizer.safetensors");
}
