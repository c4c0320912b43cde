#include "train/pictures.hpp"

#include "emotrain/train/trained_model.hpp"

namespace emotrain::train {
namespace {

constexpr Index most_reconstructions = 30;
constexpr Index samples = 60;

}  // namespace

std::vector<std::string> write_pictures(Trainer& trainer, std::uint64_t seed, const std::filesystem::path& directory, FileSystem& files) {
  if (!makes_pictures(trainer)) return {};
  std::vector<std::string> names{"reconstructions.png"};
  draw_reconstructions(trainer, shown_images(trainer.splits(), most_reconstructions), false).write_png(directory / names.back(), files);
  if (trainer.model().latent_size() > 0) {
    names.emplace_back("samples.png");
    draw_samples(trainer, samples, seed).write_png(directory / names.back(), files);
  }
  return names;
}

}  // namespace emotrain::train
