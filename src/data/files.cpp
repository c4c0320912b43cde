#include "emotrain/data/files.hpp"

#include <utility>

#include "data/classes.hpp"
#include "data/image_list.hpp"
#include "data/input_file.hpp"
#include "data/locate.hpp"
#include "data/sets.hpp"
#include "emotrain/core/error.hpp"

namespace emotrain::data {
namespace {

namespace fs = std::filesystem;

constexpr Index max_image_side = 4096;

std::optional<fs::path> resolve_optional(const std::optional<std::string>& root, const std::optional<std::string>& path) {
  return path ? std::optional(resolve(root, *path)) : std::nullopt;
}

void require(const char* key, const std::string& value, const char* what) {
  if (value.empty()) fail(ErrorKind::usage, "{}: missing; name {}", key, what);
}

}  // namespace

void IdxOptions::fields(FieldVisitor& visitor) {
  visitor.field({"images", "IDX file of unsigned bytes (n,h,w) or (n,c,h,w), plain or gzip"}, images);
  visitor.field({"labels", "IDX file (n) of the labels; null: none"}, labels);
  visitor.field({"test_images", "IDX file of a published test set; null: test_fraction decides"}, test_images);
  visitor.field({"test_labels", "IDX file of its labels"}, test_labels);
  visitor.field({"class_names", "text file with a class name a line; null: \"0\" to the highest label"}, class_names);
  UnsplitDataOptions::fields(visitor);
}

void IdxOptions::check() const {
  require("images", images, "the IDX file of the images");
  if (test_labels && !test_images) fail(ErrorKind::usage, "test_labels: needs test_images");
  if (test_images && labels.has_value() != test_labels.has_value()) {
    fail(ErrorKind::usage, "test_labels: give labels for both sets or for none");
  }
}

DataOptions::Loaded IdxOptions::load() const {
  check();
  const auto labels_path = resolve_optional(root, labels);
  const auto test_labels_path = resolve_optional(root, test_labels);
  Loaded loaded{.training_set = load_idx("idx", resolve(root, images), labels_path), .test_set = nullptr};
  if (test_images) {
    loaded.test_set = load_idx("idx", resolve(root, *test_images), test_labels_path);
    if (loaded.test_set->sample_shape != loaded.training_set->sample_shape) {
      fail(ErrorKind::data, "{}: images of shape {}, but those for training have {}; are they of the same set?", display(*test_images),
           loaded.test_set->sample_shape, loaded.training_set->sample_shape);
    }
  }
  loaded.test_fraction = test_fraction;
  name_classes(resolve_optional(root, class_names), *loaded.training_set, labels_path.value_or(fs::path()), loaded.test_set.get(),
               test_labels_path.value_or(fs::path()));
  return loaded;
}

void CsvOptions::fields(FieldVisitor& visitor) {
  visitor.field({"path", "CSV file with a header row"}, path);
  visitor.field({"test_path", "CSV file of a published test set, same columns; null: test_fraction decides"}, test_path);
  visitor.field({"label_column", "name of the column of integer labels; null: none"}, label_column);
  visitor.field({"class_names", "text file with a class name a line; null: \"0\" to the highest label"}, class_names);
  visitor.field({"standardize", "shift and scale each column to mean 0 and deviation 1 over the training part"}, standardize);
  UnsplitDataOptions::fields(visitor);
}

void CsvOptions::check() const { require("path", path, "the CSV file"); }

DataOptions::Loaded CsvOptions::load() const {
  check();
  const fs::path training = resolve(root, path);
  const fs::path test = resolve(root, test_path.value_or(""));
  std::vector<std::string> columns;
  Loaded loaded{.training_set = load_csv("csv", training, label_column.value_or(""), &columns), .test_set = nullptr};
  if (test_path) {
    std::vector<std::string> test_columns;
    loaded.test_set = load_csv("csv", test, label_column.value_or(""), &test_columns);
    if (test_columns != columns) {
      fail(ErrorKind::data, "{}: its columns are not those of {}, by name and order; make them the same", display(test), display(training));
    }
  }
  loaded.test_fraction = test_fraction;
  loaded.standardize = standardize;
  name_classes(resolve_optional(root, class_names), *loaded.training_set, training, loaded.test_set.get(), test);
  return loaded;
}

void ImageFolderOptions::fields(FieldVisitor& visitor) {
  visitor.field({"path", "folder of class folders with PNG or JPEG images, or the folder of the index"}, path);
  visitor.field({"index", "CSV file path,class[,split] in that folder; null: class folders"}, index);
  visitor.field({"test_path", "folder of class folders for testing; null: test_fraction decides"}, test_path);
  visitor.field({"image_size", "height and width that images are resized to", {.min = 1, .max = max_image_side}}, image_size);
  visitor.field({"channels", "3: RGB, 1: grey", {.min = 1, .max = 3}}, channels);
  UnsplitDataOptions::fields(visitor);
}

void ImageFolderOptions::check() const {
  require("path", path, "the folder of the images");
  if (index && test_path) fail(ErrorKind::usage, "test_path: an index says itself what is for testing; remove one of the two");
  if (image_size.size() != 2) fail(ErrorKind::usage, "image_size: {} numbers; give height and width, as in [32, 32]", image_size.size());
  if (channels != 1 && channels != 3) fail(ErrorKind::usage, "channels: {}; it is 3 for RGB or 1 for grey", channels);
}

DataOptions::Loaded ImageFolderOptions::load() const {
  check();
  const fs::path folder = resolve(root, path);
  ImageList list = index ? read_image_index(folder, folder / *index) : list_class_folders(folder);
  if (test_path) {
    const fs::path test_folder = resolve(root, *test_path);
    ImageList test = list_class_folders(test_folder);
    if (test.class_names != list.class_names) {
      fail(ErrorKind::data, "{}: its class folders are not those of {}; make them the same", display(test_folder), display(folder));
    }
    list.test = std::move(test.training);
  }
  const auto load_part = [&](const std::vector<ImageFile>& part) {
    return load_images("image_folder", part, list.class_names, channels, image_size[0], image_size[1]);
  };
  Loaded loaded{.training_set = load_part(list.training), .test_set = nullptr};
  if (!list.test.empty()) loaded.test_set = load_part(list.test);
  if (index) loaded.training_set->files.push_back((folder / *index).native());
  loaded.test_fraction = test_fraction;
  return loaded;
}

}  // namespace emotrain::data
