#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "emotrain/report/image_grid.hpp"
#include "emotrain/train/checkpoint.hpp"
#include "emotrain/train/trainer.hpp"

/// Models that runs have left, to be evaluated and looked at.
namespace emotrain::train {

/// What a path given by a person means: a checkpoint or a link to one; a run (its final weights, or else its newest checkpoint); a file of
/// weights in a run or a checkpoint.
struct ModelSource {
  /// The run's config.json.
  std::filesystem::path config;
  /// Absent: `weights` alone, which are what evaluations use.
  std::optional<std::filesystem::path> checkpoint;
  std::filesystem::path weights;
};

/// Throws Error{missing} if there is no such thing, or no config.json that belongs to it.
ModelSource find_model(const FileSystem& files, const std::filesystem::path& path);

/// Loads the data, builds the model and gives it the weights, from a checkpoint also the optimizer's state. Throws as run() does.
std::unique_ptr<Trainer> open_model(const RunConfig& config, const ModelSource& source, const FileSystem& files = disk());

/// While one lives, parameters that have a shadow hold it. Throws Error{missing} if none has.
class ShadowWeights {
 public:
  explicit ShadowWeights(Trainer& trainer);
  ~ShadowWeights();
  ShadowWeights(const ShadowWeights&) = delete;
  ShadowWeights& operator=(const ShadowWeights&) = delete;

 private:
  std::vector<std::pair<Tensor, Tensor>> kept_;
};

bool has_shadow(Trainer& trainer);

/// Whether the model reconstructs images of 1 or 3 channels, which can be shown.
bool makes_pictures(Trainer& trainer);

/// Images (n, c, h, w), values 0 to 1, each over what the model makes of it (a VAE from the mean latents), and with `shadow` over what the
/// shadow weights make of it. Precondition: makes_pictures().
report::ImageGrid draw_reconstructions(Trainer& trainer, const Tensor& images, bool shadow);
/// Images as they are, or what the model or its shadow makes of them, one beside the other, pixel by pixel: what a page enlarges as it
/// likes. Precondition: makes_pictures(), and for the shadow has_shadow(); at most 10 images.
enum class Strip { originals, live, shadow };
report::ImageGrid draw_strip(Trainer& trainer, const Tensor& images, Strip strip);
/// `count` decoded latents from N(0, 1). Precondition: makes_pictures() and the model has a decoder of latents.
report::ImageGrid draw_samples(Trainer& trainer, Index count, std::uint64_t seed);

/// The first images of the test part, or else of the validation or training part: what a run shows.
Tensor shown_images(const data::Splits& splits, Index count);

}  // namespace emotrain::train
