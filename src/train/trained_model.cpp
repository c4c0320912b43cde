#include "emotrain/train/trained_model.hpp"

#include <algorithm>
#include <initializer_list>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "train/batch_loader.hpp"
#include "train/evaluation.hpp"

namespace emotrain::train {
namespace {

namespace fs = std::filesystem;

constexpr Index columns = 10;

/// In the first of the directories that has one.
fs::path find_config(const FileSystem& files, std::initializer_list<fs::path> directories) {
  for (const fs::path& directory : directories) {
    if (files.exists(directory / "config.json")) return directory / "config.json";
  }
  fail(ErrorKind::missing, "{}: there is no config.json of the run that it belongs to; keep weights and checkpoints in the run's directory",
       directories.begin()->string());
}

report::ImageGrid::Layout layout_of(const Shape& sample, Index pictures, Index rows_together) {
  return {.channels = sample[0],
          .height = sample[1],
          .width = sample[2],
          .rows = (pictures + columns - 1) / columns * rows_together,
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

Tensor reconstruct(Trainer& trainer, const Tensor& images) {
  const autograd::NoGrad guard;
  const nn::Context context{.training = false, .seed = 0, .step = evaluation_step(0)};
  const nn::ModelOutput output = trainer.model().run(images, context);
  const Tensor decoded = output.mean.defined() ? trainer.model().decode(output.mean, context) : output.output;
  return reconstruction(decoded, trainer.loss());
}

}  // namespace

ModelSource find_model(const FileSystem& files, const fs::path& given) {
  if (given.extension() == ".safetensors") {
    if (!files.exists(given)) fail(ErrorKind::missing, "{}: there is no such file; check the path", given.string());
    // Those of a checkpoint are what training has; the optimizer knows what evaluations use.
    const fs::path parent = given.has_parent_path() ? given.parent_path() : fs::path(".");
    if (files.exists(parent / "trainer_state.json")) return find_model(files, parent);
    return {find_config(files, {parent}), std::nullopt, given};
  }
  if (files.exists(given / "manifest.json") && files.exists(given / "model.safetensors")) {
    return {find_config(files, {given}), std::nullopt, given / "model.safetensors"};
  }
  const FoundCheckpoint found = find_checkpoint(files, given);
  return {find_config(files, {found.checkpoint, found.run}), found.checkpoint, found.checkpoint / "model.safetensors"};
}

std::unique_ptr<Trainer> open_model(const RunConfig& config, const ModelSource& source, const FileSystem& files) {
  auto trainer = std::make_unique<Trainer>(config, load_data(config));
  if (source.checkpoint) {
    trainer->restore(read_checkpoint(files, *source.checkpoint, trainer->parameter_names()));
  } else {
    load_weights(trainer->model(), source.weights, {}, files);
  }
  return trainer;
}

ShadowWeights::ShadowWeights(Trainer& trainer) {
  const std::span<const Tensor> parameters = trainer.optimizer().parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::span<const Real> shadow = trainer.optimizer().shadow(i);
    if (shadow.empty()) continue;
    kept_.emplace_back(parameters[i], Tensor::from(parameters[i].shape(), parameters[i].values()));
    std::ranges::copy(shadow, parameters[i].data());
  }
  if (kept_.empty()) fail(ErrorKind::missing, "there are no shadow weights: give a checkpoint of an optimizer that has made its shadow");
}

ShadowWeights::~ShadowWeights() {
  for (const auto& [parameter, values] : kept_) std::ranges::copy(values.values(), parameter.data());
}

bool has_shadow(Trainer& trainer) {
  const optim::Optimizer& optimizer = trainer.optimizer();
  for (std::size_t i = 0; i < optimizer.parameters().size(); ++i) {
    if (!optimizer.shadow(i).empty()) return true;
  }
  return false;
}

bool makes_pictures(Trainer& trainer) {
  const Shape& sample = trainer.splits().training_set->sample_shape;
  return trainer.model().task() == nn::Task::reconstruction && sample.rank() == 3 && (sample[0] == 1 || sample[0] == 3);
}

report::ImageGrid draw_reconstructions(Trainer& trainer, const Tensor& images, bool shadow) {
  const Index together = shadow ? 3 : 2;
  report::ImageGrid grid(layout_of(trainer.splits().training_set->sample_shape, images.shape()[0], together));
  place_all(grid, images, together, 0);
  {
    const optim::EvaluationWeights guard(trainer.optimizer());
    place_all(grid, reconstruct(trainer, images), together, 1);
  }
  if (shadow) {
    const ShadowWeights guard(trainer);
    place_all(grid, reconstruct(trainer, images), together, 2);
  }
  return grid;
}

report::ImageGrid draw_strip(Trainer& trainer, const Tensor& images, Strip strip) {
  report::ImageGrid::Layout layout = layout_of(trainer.splits().training_set->sample_shape, images.shape()[0], 1);
  layout.plain = true;
  report::ImageGrid grid(layout);
  if (strip == Strip::originals) {
    place_all(grid, images, 1, 0);
  } else if (strip == Strip::live) {
    const optim::EvaluationWeights guard(trainer.optimizer());
    place_all(grid, reconstruct(trainer, images), 1, 0);
  } else {
    const ShadowWeights guard(trainer);
    place_all(grid, reconstruct(trainer, images), 1, 0);
  }
  return grid;
}

report::ImageGrid draw_samples(Trainer& trainer, Index count, std::uint64_t seed) {
  const autograd::NoGrad no_grad;
  const optim::EvaluationWeights guard(trainer.optimizer());
  const nn::Context context{.training = false, .seed = seed, .step = evaluation_step(0)};
  const Tensor latents = Tensor::empty({count, trainer.model().latent_size()});
  fill_normal({seed, Stream::sample}, 0, latents.data(), latents.size(), 0, 1);
  report::ImageGrid grid(layout_of(trainer.splits().training_set->sample_shape, count, 1));
  place_all(grid, reconstruction(trainer.model().decode(latents, context), trainer.loss()), 1, 0);
  return grid;
}

Tensor shown_images(const data::Splits& splits, Index count) {
  const bool has_test = splits.test_set && !splits.test.empty();
  const data::Dataset& set = has_test ? *splits.test_set : *splits.training_set;
  const std::vector<std::int32_t>& indices = has_test ? splits.test : splits.validation.empty() ? splits.train : splits.validation;
  count = std::min(count, static_cast<Index>(indices.size()));
  return BatchLoader(set, count).load(std::span(indices).first(static_cast<std::size_t>(count))).x;
}

}  // namespace emotrain::train
