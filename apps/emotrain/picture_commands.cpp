#include <fmt/format.h>

#include <memory>

#include "commands.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/data/picture.hpp"
#include "opened_model.hpp"
#include "subcommands.hpp"

namespace {

using emotrain::ErrorKind;
using emotrain::Index;
using emotrain::Shape;
using emotrain::Tensor;
namespace train = emotrain::train;

constexpr const char* reconstruct_footer = R"(Examples:
  emotrain reconstruct runs/quickstart-1
  emotrain reconstruct runs/quickstart-1/checkpoints/last photo.png drawing.jpg --output mine.png
  emotrain reconstruct runs/quickstart-1/checkpoints/last --shadow

One PNG with each image over its reconstruction; with --shadow a third row shows what the shadow weights make of it. Images are
converted and resized to what the model takes. Without images: the first of the test data.)";

constexpr const char* sample_footer = R"(Examples:
  emotrain sample runs/quickstart-1
  emotrain sample runs/quickstart-1/checkpoints/best --count 100 --seed 7 --output hundred.png

Latents are drawn from the standard normal distribution: the same seed, the same samples.)";

struct PictureOptions {
  std::string path;
  std::vector<std::string> images;
  std::string output;
  Index count = 30;
  Index seed = 0;
  bool shadow = false;
};

std::unique_ptr<OpenedModel> open_autoencoder(const std::string& path) {
  auto opened = open_model(path, {});
  if (train::makes_pictures(*opened->trainer)) return opened;
  emotrain::fail(ErrorKind::usage, "{}: the model {} makes no images; give one of an autoencoder of images", path,
                 opened->loaded.config.model.name);
}

int write(const emotrain::report::ImageGrid& grid, const std::string& output) {
  require_extension(output, ".png");
  grid.write_png(output);
  print(output + "\n");
  flush_output("the picture itself is complete");
  return 0;
}

Tensor read_images(const std::vector<std::string>& files, const Shape& sample) {
  const Tensor images = Tensor::empty({static_cast<Index>(files.size()), sample[0], sample[1], sample[2]});
  emotrain::Real* next = images.data();
  for (const std::string& file : files) {
    emotrain::data::read_picture(file, sample, next);
    next += sample.size();
  }
  return images;
}

int reconstruct(const PictureOptions& options) {
  const auto opened = open_autoencoder(options.path);
  train::Trainer& trainer = *opened->trainer;
  if (options.shadow && !train::has_shadow(trainer)) {
    emotrain::fail(ErrorKind::usage,
                   "--shadow: {} holds no shadow weights; give a checkpoint of an optimizer that has made its shadow by then",
                   options.path);
  }
  const Tensor images = options.images.empty() ? train::shown_images(trainer.splits(), options.count)
                                               : read_images(options.images, trainer.splits().training_set->sample_shape);
  return write(train::draw_reconstructions(trainer, images, options.shadow), options.output);
}

int sample(const PictureOptions& options) {
  const auto opened = open_autoencoder(options.path);
  if (opened->trainer->model().latent_size() == 0) {
    emotrain::fail(ErrorKind::usage, "{}: the model {} has no decoder of latents to sample from; give one of a VAE", options.path,
                   opened->loaded.config.model.name);
  }
  return write(train::draw_samples(*opened->trainer, options.count, static_cast<std::uint64_t>(options.seed)), options.output);
}

std::shared_ptr<PictureOptions> add(CLI::App& command, const char* output, const char* footer) {
  auto options = std::make_shared<PictureOptions>();
  options->output = output;
  command.footer(footer);
  command.add_option("checkpoint", options->path, "A checkpoint, a run, or a file of weights in one")->required()->type_name("PATH");
  command.add_option("--output", options->output, "Write the picture to this file")->type_name("FILE.png")->capture_default_str();
  command.add_option("--count", options->count, "How many images")->check(CLI::Range(1, 10'000))->capture_default_str();
  return options;
}

}  // namespace

void add_reconstruct(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("reconstruct", "Show what an autoencoder makes of images");
  const auto options = add(*command, "reconstructions.png", reconstruct_footer);
  command->add_option("images", options->images, "PNG or JPEG files")->type_name("IMAGE");
  command->add_flag("--shadow", options->shadow, "Also what the shadow weights make of them");
  command->callback([options, &chosen] { chosen = [options] { return reconstruct(*options); }; });
}

void add_sample(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("sample", "Draw images from a VAE");
  const auto options = add(*command, "samples.png", sample_footer);
  command->add_option("--seed", options->seed, "Of the latents")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->callback([options, &chosen] { chosen = [options] { return sample(*options); }; });
}
