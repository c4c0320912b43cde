#pragma once
#include <memory>
#include <optional>
#include <string>

#include "emotrain/core/options.hpp"
#include "emotrain/data/dataset.hpp"

namespace emotrain::data {

/// What all data sets have in common. A row of `datasets()` adds its own keys and loads.
struct DataOptions : Options {
  Index batch_size = 64;
  /// Part of the training samples kept for validation, drawn by split_seed alone. 0: none.
  double validation_fraction = 0.1;
  Index split_seed = 0;
  /// Uses training samples [offset, offset + limit) in file order; the rest is not seen. No limit: all from offset on.
  std::optional<Index> limit;
  Index offset = 0;
  /// New order each epoch, drawn by the run's seed; false: file order.
  bool shuffle = true;
  /// Folder that holds the data sets; else ./data, else the installed share directory. Paths that a configuration gives (`csv`, `idx`,
  /// `image_folder`) are relative to it if given, else to the current folder.
  std::optional<std::string> root;

  /// Whole sets, before splitting.
  struct Loaded {
    std::shared_ptr<Dataset> training_set;
    /// The published test set, or null.
    std::shared_ptr<Dataset> test_set;
    /// Without a test_set: part of the samples to set aside as test part (0: no test).
    double test_fraction = 0;
    /// Whether to standardize the columns by the training part.
    bool standardize = false;
    /// Whether the training samples are the validation samples too.
    bool validates_on_training = false;
  };
  virtual Loaded load() const = 0;

  void fields(FieldVisitor& visitor) override;

 protected:
  /// A set that is generated has no `root`.
  virtual bool reads_files() const { return true; }
};

/// For sets without a published test part.
struct UnsplitDataOptions : DataOptions {
  /// Part of all samples set aside as test part, drawn by split_seed. Everything else counts as training samples.
  double test_fraction = 0.2;

  void fields(FieldVisitor& visitor) override;
};

/// Loads, then splits in this order, each part in file order:
/// 1. test: the test set as published, else round(test_fraction * n) samples drawn by (split_seed, Stream::split, substream 1);
/// 2. training samples: those that remain, of which [offset, offset + limit) are used;
/// 3. validation: if the set says so the training samples; else round(validation_fraction * m) of these m, drawn by (split_seed,
/// Stream::split, substream 0); train: the others. Then standardizes, if the set asks for it, by the mean and deviation of `train`. Throws
/// Error{missing} that lists where it looked, Error{data} for malformed files, Error{usage} if the numbers do not fit the set.
Splits load_splits(const DataOptions& options);

/// All data sets, by the name that a configuration gives: mnist, fashion_mnist, digits8x8, emoji, emoji_faces, natural_images, iris, wine,
/// breast_cancer, idx, csv, image_folder, two_moons, spirals, rings, blobs, none.
const OptionsTable& datasets();

}  // namespace emotrain::data
