#pragma once
#include "emotrain/data/options.hpp"

/// The data sets that come with the project, in its folder data/ with their sources and licences.
namespace emotrain::data {

/// 60,000 and 10,000 digits, (1,28,28) bytes, 10 classes. LeCun, Cortes, Burges 1998.
struct MnistOptions : DataOptions {
  Loaded load() const override;
};

/// 10,000 test images of clothes and the first 8,000 of the 60,000 training images (all, if the original files lie beside them),
/// (1,28,28) bytes, 10 classes. Xiao, Rasul, Vollgraf, arXiv:1708.07747.
struct FashionMnistOptions : DataOptions {
  Loaded load() const override;
};

/// 1,438 and 359 digits, (1,8,8) bytes 0..16 with scale 16, 10 classes. UCI, doi:10.24432/C50P49.
struct DigitsOptions : DataOptions {
  Loaded load() const override;
};

/// 1,534 and 372 Noto emoji on white, (3,32,32) bytes, 9 classes (Unicode categories).
struct EmojiOptions : DataOptions {
  Loaded load() const override;
};

/// The 94 and 24 faces of `emoji`, 12 classes (Unicode subcategories face-*).
struct EmojiFacesOptions : DataOptions {
  Loaded load() const override;
};

/// Two photographs of 427 x 640 pixels cut into whole patches that do not overlap, row by row; no labels.
struct NaturalImagesOptions : UnsplitDataOptions {
  /// Side of a patch in pixels.
  Index patch_size = 8;
  /// 3: RGB, 1: grey.
  Index channels = 3;

  void fields(FieldVisitor& visitor) override;
  void check() const override;
  Loaded load() const override;
};

/// A small table: real columns, integer labels.
struct TableOptions : UnsplitDataOptions {
  /// Shifts and scales each column to mean 0 and deviation 1 over the samples in `train`.
  bool standardize = true;

  void fields(FieldVisitor& visitor) override;

 protected:
  Loaded load_table(const char* name) const;
};

/// 150 samples of 4 columns, 3 classes. Fisher 1936, doi:10.24432/C56C76.
struct IrisOptions : TableOptions {
  Loaded load() const override { return load_table("iris"); }
};

/// 178 samples of 13 columns, 3 classes. doi:10.24432/C5PC7J.
struct WineOptions : TableOptions {
  Loaded load() const override { return load_table("wine"); }
};

/// 569 samples of 30 columns, 2 classes. doi:10.24432/C5DW2B.
struct BreastCancerOptions : TableOptions {
  Loaded load() const override { return load_table("breast_cancer"); }
};

}  // namespace emotrain::data
