#include "train/pictures.hpp"

#include <algorithm>

#include "emotrain/autograd/tape.hpp"
#include "train/batch_loader.hpp"
#include "train/evaluation.hpp"

namespace emotrain::train {
namespace {

constexpr Index columns = 10;
constexpr Index most_reconstructions = 3 * columns;
constexpr Index samples = 6 * columns;

Part shown_part(const data::Splits& splits) {
  if (splits.test_set && !splits.test.empty()) return {*splits.test_set, splits.test};
  return {*splits.training_set, splits.validation.empty() ? splits.train : splits.validation};
}

report::ImageGrid::Layout layout_of(const Shape& sample, Index pictures, Index rows_together) {
  const Index rows = (pictures + columns - 1) / columns * rows_together;
  return {.channels = sample[0],
          .height = sample[1],
          .width = sample[2],
          .rows = rows,
          .columns = std::min(columns, pictures),
          .rows_together = rows_together};
}

/// Picture i of `images` (n, c, h, w) to its place among rows that stand `rows_together`, in the row `offset` of them.
void place_all(report::ImageGrid& grid, const Tensor& images, Index rows_together, Index offset) {
  const Index count = images.shape()[0];
  const auto size = static_cast<std::size_t>(images.size() / count);
  for (Index i = 0; i < count; ++i) {
    grid.place(i / columns * rows_together + offset, i % columns, images.values().subspan(static_cast<std::size_t>(i) * size, size));
  }
}

report::ImageGrid draw_reconstructions(Trainer& trainer, const nn::Context& context) {
  const Part part = shown_part(trainer.splits());
  const auto count = std::min<Index>(most_reconstructions, static_cast<Index>(part.indices.size()));
  const nn::Batch batch = BatchLoader(part.set, count).load(part.indices.first(static_cast<std::size_t>(count)));
  const nn::ModelOutput output = trainer.model().run(batch.x, context);
  const Tensor decoded = output.mean.defined() ? trainer.model().decode(output.mean, context) : output.output;
  report::ImageGrid grid(layout_of(part.set.sample_shape, count, 2));
  place_all(grid, batch.x, 2, 0);
  place_all(grid, reconstruction(decoded, trainer.loss()), 2, 1);
  return grid;
}

report::ImageGrid draw_samples(Trainer& trainer, const nn::Context& context) {
  const Tensor latents = Tensor::empty({samples, trainer.model().latent_size()});
  fill_normal({context.seed, Stream::sample}, 0, latents.data(), latents.size(), 0, 1);
  report::ImageGrid grid(layout_of(trainer.splits().training_set->sample_shape, samples, 1));
  place_all(grid, reconstruction(trainer.model().decode(latents, context), trainer.loss()), 1, 0);
  return grid;
}

}  // namespace

std::vector<Picture> draw_pictures(Trainer& trainer, std::uint64_t seed) {
  const Shape& sample = trainer.splits().training_set->sample_shape;
  const bool images = sample.rank() == 3 && (sample[0] == 1 || sample[0] == 3);
  if (trainer.model().task() != nn::Task::reconstruction || !images) return {};
  const autograd::NoGrad guard;
  const nn::Context context{.training = false, .seed = seed, .step = evaluation_step(0)};
  std::vector<Picture> pictures;
  pictures.push_back({"reconstructions", draw_reconstructions(trainer, context)});
  if (trainer.model().latent_size() > 0) pictures.push_back({"samples", draw_samples(trainer, context)});
  return pictures;
}

std::vector<std::string> write_pictures(Trainer& trainer, std::uint64_t seed, const std::filesystem::path& directory) {
  std::vector<std::string> files;
  for (const Picture& picture : draw_pictures(trainer, seed)) {
    files.push_back(picture.name + ".png");
    picture.grid.write_png(directory / files.back());
  }
  return files;
}

}  // namespace emotrain::train
