#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "emotrain/data/dataset.hpp"

namespace emotrain::data {

struct ImageFile {
  std::filesystem::path path;
  std::int32_t label = 0;
};

/// What an image folder or index holds, nothing opened yet.
struct ImageList {
  /// In alphabetical order of their bytes, as the labels count them.
  std::vector<std::string> class_names;
  std::vector<ImageFile> training;
  /// Empty unless an index says which images are for testing.
  std::vector<ImageFile> test;
};

/// `folder` holds one folder a class, these hold the images: *.png, *.jpg, *.jpeg in any case, taken in alphabetical order. Hidden entries
/// and other files are skipped; a class folder that holds a folder, or no image, is Error{data}. Does not look deeper.
ImageList list_class_folders(const std::filesystem::path& folder);

/// `index` is a CSV file with the columns path, class and maybe split (train or test); others are ignored. Throws as CsvReader, and
/// Error{data} for an absolute path or one with "..", a path that stands twice, an empty class, or another split.
ImageList read_image_index(const std::filesystem::path& folder, const std::filesystem::path& index);

/// Reads and resizes the images. Throws as read_image.
std::shared_ptr<Dataset> load_images(const char* name, const std::vector<ImageFile>& files, const std::vector<std::string>& class_names,
                                     Index channels, Index height, Index width);

}  // namespace emotrain::data
