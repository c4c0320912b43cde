#pragma once
#include <optional>
#include <string>
#include <vector>

#include "emotrain/data/options.hpp"

/// Data sets from one's own files. Formats, limits and what happens with files that are not quite right: docs/data-formats.md.
namespace emotrain::data {

/// Images and labels in IDX files of unsigned bytes, plain or gzip: images (n,h,w), read as (1,h,w), or (n,c,h,w); labels (n).
struct IdxOptions : UnsplitDataOptions {
  std::string images;
  /// None: no labels (autoencoders).
  std::optional<std::string> labels;
  /// A published test set; then test_fraction has no effect.
  std::optional<std::string> test_images;
  std::optional<std::string> test_labels;
  /// Text file with one class name a line. None: classes are "0" to the highest label of the training file.
  std::optional<std::string> class_names;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
  Loaded load() const override;
};

/// A table: header row, numeric columns, one column of integer labels.
struct CsvOptions : UnsplitDataOptions {
  std::string path;
  /// A published test set with the same columns; then test_fraction has no effect.
  std::optional<std::string> test_path;
  /// Name of the label column. None: there is none.
  std::optional<std::string> label_column = "label";
  std::optional<std::string> class_names;
  bool standardize = true;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
  Loaded load() const override;
};

/// PNG and JPEG images: a folder with one folder a class, or an index: a CSV file `path,class` or `path,class,split` (train or test).
/// Each image becomes RGB or grey, alpha composited on white, then is resized to image_size, whatever its shape.
struct ImageFolderOptions : UnsplitDataOptions {
  std::string path;
  /// Index file, relative to `path` as the paths in it are.
  std::optional<std::string> index;
  /// Another folder of class folders: a published test set; then test_fraction has no effect.
  std::optional<std::string> test_path;
  /// Height and width.
  std::vector<Index> image_size = {32, 32};
  /// 3: RGB, 1: grey (ITU-R BT.601).
  Index channels = 3;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
  Loaded load() const override;
};

}  // namespace emotrain::data
