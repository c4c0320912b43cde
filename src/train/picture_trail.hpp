#pragma once
#include <filesystem>

#include "emotrain/train/trainer.hpp"

namespace emotrain::train {

/// What an autoencoder of images, and its shadow, make of the same few images as a run goes on, for the run's report:
///
///     RUN/pictures/originals.png, live-<step>.png, shadow-<step>.png (where there is a shadow)
///
/// at every fifth detail step and the last one: about 40 times. Nothing for other models.
class PictureTrail {
 public:
  PictureTrail(Trainer& trainer, const std::filesystem::path& run, FileSystem& files);

  /// After a step. Throws Error{cannot_create, io}.
  void follow() {
    if (interval_ > 0 && trainer_.steps_done() % interval_ == 0) keep();
  }
  void end() {
    if (interval_ > 0 && trainer_.steps_done() % interval_ != 0) keep();
  }
  /// For a run that goes on: removes the pictures behind its step.
  static void cut_behind(FileSystem& files, const std::filesystem::path& run, Index step);

 private:
  void keep();

  Trainer& trainer_;
  FileSystem& files_;
  std::filesystem::path path_;
  /// 0: no pictures.
  Index interval_;
  Tensor images_;
};

}  // namespace emotrain::train
