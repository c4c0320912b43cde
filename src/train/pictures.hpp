#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "emotrain/train/trainer.hpp"

namespace emotrain::train {

/// Writes what an autoencoder of images makes, and returns the files' names: reconstructions.png (the first test samples, else validation
/// or training samples, each over its reconstruction; a VAE's from the mean latents) and, with a decoder of latents, samples.png (decoded
/// from N(0, 1)). Other models and data that are no images of 1 or 3 channels: none.
std::vector<std::string> write_pictures(Trainer& trainer, std::uint64_t seed, const std::filesystem::path& directory,
                                        FileSystem& files = disk());

}  // namespace emotrain::train
