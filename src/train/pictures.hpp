#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "emotrain/report/image_grid.hpp"
#include "emotrain/train/trainer.hpp"

namespace emotrain::train {

struct Picture {
  std::string name;
  report::ImageGrid grid;
};

/// What an autoencoder of images makes: `reconstructions` (the first test samples, else validation or training samples, each over its
/// reconstruction; a VAE's from the mean latents) and, with a decoder of latents, `samples` (decoded from N(0, 1)). Other models and data
/// that are no images of 1 or 3 channels: none.
std::vector<Picture> draw_pictures(Trainer& trainer, std::uint64_t seed);

/// Draws them and writes <name>.png; returns the files' names.
std::vector<std::string> write_pictures(Trainer& trainer, std::uint64_t seed, const std::filesystem::path& directory);

}  // namespace emotrain::train
