#include "emotrain/data/bundled.hpp"

#include <fmt/format.h>

#include "data/classes.hpp"
#include "data/image.hpp"
#include "data/image_list.hpp"
#include "data/input_file.hpp"
#include "data/locate.hpp"
#include "data/sets.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::data {
namespace {

namespace fs = std::filesystem;

struct IdxFiles {
  fs::path images;
  fs::path labels;
};

DataOptions::Loaded load_mnist_like(const char* name, const fs::path& folder, const IdxFiles& training) {
  const IdxFiles test{find_file(folder, {"t10k-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte"}),
                      find_file(folder, {"t10k-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte"})};
  DataOptions::Loaded loaded{.training_set = load_idx(name, training.images, training.labels),
                             .test_set = load_idx(name, test.images, test.labels)};
  name_classes(folder / "classes.txt", *loaded.training_set, training.labels, loaded.test_set.get(), test.labels);
  return loaded;
}

/// A table of integers 0..16 as bytes.
std::shared_ptr<Dataset> load_digits(const fs::path& path) {
  auto set = load_csv("digits8x8", path, "label");
  if (set->sample_shape.size() != 64) {
    fail(ErrorKind::data, "{}: {} columns of pixels; digits8x8 has 64", display(path), set->sample_shape.size());
  }
  set->sample_shape = {1, 8, 8};
  set->scale = 16;
  set->bytes.reserve(set->reals.size());
  for (const Real value : set->reals) {
    const auto byte = static_cast<std::uint8_t>(value >= 0 && value <= 16 ? value : 255);
    if (static_cast<Real>(byte) != value) fail(ErrorKind::data, "{}: the pixel {} is not an integer from 0 to 16", display(path), value);
    set->bytes.push_back(byte);
  }
  set->reals = {};
  return set;
}

DataOptions::Loaded load_emoji(const char* name, const std::optional<std::string>& root, const char* index) {
  const fs::path folder = find_bundled(root, "emoji");
  const ImageList list = read_image_index(folder, folder / index);
  DataOptions::Loaded loaded{.training_set = load_images(name, list.training, list.class_names, 3, 32, 32),
                             .test_set = load_images(name, list.test, list.class_names, 3, 32, 32)};
  loaded.training_set->files.push_back((folder / index).native());
  return loaded;
}

}  // namespace

DataOptions::Loaded MnistOptions::load() const {
  const fs::path folder = find_bundled(root, "mnist");
  return load_mnist_like("mnist", folder,
                         {find_file(folder, {"train-images-idx3-ubyte.gz", "train-images-idx3-ubyte"}),
                          find_file(folder, {"train-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte"})});
}

DataOptions::Loaded FashionMnistOptions::load() const {
  const fs::path folder = find_bundled(root, "fashion_mnist");
  return load_mnist_like("fashion_mnist", folder,
                         {find_file(folder, {"train-images-idx3-ubyte.gz", "train-images-idx3-ubyte", "train8k-images-idx3-ubyte.gz"}),
                          find_file(folder, {"train-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte", "train8k-labels-idx1-ubyte.gz"})});
}

DataOptions::Loaded DigitsOptions::load() const {
  const fs::path folder = find_bundled(root, "digits8x8");
  const fs::path training = folder / "digits_train.csv";
  const fs::path test = folder / "digits_test.csv";
  Loaded loaded{.training_set = load_digits(training), .test_set = load_digits(test)};
  name_classes(folder / "classes.txt", *loaded.training_set, training, loaded.test_set.get(), test);
  return loaded;
}

DataOptions::Loaded EmojiOptions::load() const { return load_emoji("emoji", root, "index.csv"); }

DataOptions::Loaded EmojiFacesOptions::load() const { return load_emoji("emoji_faces", root, "faces.csv"); }

void NaturalImagesOptions::fields(FieldVisitor& visitor) {
  visitor.field({"patch_size", "side of the patches in pixels", {.min = 1, .max = 427}}, patch_size);
  visitor.field({"channels", "3: RGB, 1: grey", {.min = 1, .max = 3}}, channels);
  UnsplitDataOptions::fields(visitor);
}

void NaturalImagesOptions::check() const {
  if (channels != 1 && channels != 3) fail(ErrorKind::usage, "channels: {}; it is 3 for RGB or 1 for grey", channels);
}

DataOptions::Loaded NaturalImagesOptions::load() const {
  check();
  const fs::path folder = find_bundled(root, "natural_images");
  auto set = std::make_shared<Dataset>();
  set->name = "natural_images";
  set->sample_shape = {channels, patch_size, patch_size};
  for (const char* file : {"china.jpg", "flower.jpg"}) {
    const Image image = read_image(folder / file, channels);
    const Index count = (image.height / patch_size) * (image.width / patch_size);
    const std::size_t begin = set->bytes.size();
    set->bytes.resize(begin + static_cast<std::size_t>(count * set->sample_shape.size()));
    std::uint8_t* out = set->bytes.data() + begin;
    for (Index top = 0; top + patch_size <= image.height; top += patch_size) {
      for (Index left = 0; left + patch_size <= image.width; left += patch_size) {
        out = copy_planes(image, top, left, patch_size, patch_size, out);
      }
    }
    set->size += count;
    set->files.push_back((folder / file).native());
  }
  if (set->size == 0) fail(ErrorKind::data, "{}: the photographs are smaller than a patch of {} pixels", display(folder), patch_size);
  return {.training_set = set, .test_set = nullptr, .test_fraction = test_fraction};
}

void TableOptions::fields(FieldVisitor& visitor) {
  visitor.field({"standardize", "shift and scale each column to mean 0 and deviation 1 over the training part"}, standardize);
  UnsplitDataOptions::fields(visitor);
}

DataOptions::Loaded TableOptions::load_table(const char* name) const {
  const fs::path folder = find_bundled(root, "tabular");
  const fs::path path = folder / fmt::format("{}.csv", name);
  Loaded loaded{.training_set = load_csv(name, path, "label"), .test_set = nullptr};
  name_classes(folder / fmt::format("{}.classes.txt", name), *loaded.training_set, path, nullptr, {});
  loaded.test_fraction = test_fraction;
  loaded.standardize = standardize;
  return loaded;
}

}  // namespace emotrain::data
