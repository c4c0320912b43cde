#pragma once
#include <filesystem>

#include "emotrain/train/trainer.hpp"
#include "train/step_details.hpp"

namespace emotrain::train {

/// What an autoencoder of images, and its shadow, make of the same few images as a run goes on, for the run's report:
///
///     RUN/pictures/originals.png, live-<step>.png, shadow-<step>.png (where there is a shadow)
///
/// at every fifth of given detail steps, or four times in each doubling of the steps (about 30 times in 500 steps, 60 in 100,000), and
/// after the last. Nothing for other models.
class PictureTrail {
 public:
  PictureTrail(Trainer& trainer, std::optional<Index> detail_steps, const std::filesystem::path& run, FileSystem& files);

  /// After a step. Throws Error{cannot_create, io}.
  void follow() {
    if (is_due()) keep();
  }
  void end() {
    if (images_.defined() && !is_due()) keep();
  }
  /// For a run that goes on: removes the pictures behind its step.
  static void cut_behind(FileSystem& files, const std::filesystem::path& run, Index step);

 private:
  bool is_due() const { return images_.defined() && is_detail_step(trainer_.steps_done(), interval_, 4); }
  void keep();

  Trainer& trainer_;
  FileSystem& files_;
  std::filesystem::path path_;
  std::optional<Index> interval_;
  /// Undefined: there are no pictures.
  Tensor images_;
};

}  // namespace emotrain::train
