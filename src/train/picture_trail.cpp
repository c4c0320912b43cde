#include "train/picture_trail.hpp"

#include <charconv>

#include "emotrain/report/atomic_file.hpp"
#include "emotrain/train/trained_model.hpp"

namespace emotrain::train {
namespace {

constexpr Index details_between = 5;
constexpr Index shown = 8;
constexpr const char* folder = "pictures";

/// Of a name such as live-300.png; -1: of another one.
Index step_of(const std::string& name) {
  const std::size_t dash = name.find('-');
  Index step = -1;
  if (dash != std::string::npos) std::from_chars(name.data() + dash + 1, name.data() + name.size(), step);
  return step;
}

}  // namespace

PictureTrail::PictureTrail(Trainer& trainer, std::optional<Index> detail_steps, const std::filesystem::path& run, FileSystem& files)
    : trainer_(trainer), files_(files), path_(run / folder), interval_(detail_steps) {
  if (interval_) *interval_ *= details_between;
  if (interval_ != Index{0} && makes_pictures(trainer)) images_ = shown_images(trainer.splits(), shown);
}

void PictureTrail::keep() {
  if (!files_.exists(path_)) files_.create_directory(path_);
  if (!files_.exists(path_ / "originals.png")) draw_strip(trainer_, images_, Strip::originals).write_png(path_ / "originals.png", files_);
  const Index step = trainer_.steps_done();
  draw_strip(trainer_, images_, Strip::live).write_png(path_ / fmt::format("live-{}.png", step), files_);
  if (has_shadow(trainer_)) draw_strip(trainer_, images_, Strip::shadow).write_png(path_ / fmt::format("shadow-{}.png", step), files_);
}

void PictureTrail::cut_behind(FileSystem& files, const std::filesystem::path& run, Index step) {
  if (!files.exists(run / folder)) return;
  for (const std::string& name : files.list(run / folder)) {
    if (step_of(name) > step || report::is_temporary(name)) files.remove(run / folder / name);
  }
}

}  // namespace emotrain::train
