#include <array>

#include "emotrain/data/bundled.hpp"
#include "emotrain/data/files.hpp"
#include "emotrain/data/options.hpp"
#include "emotrain/data/synthetic.hpp"

namespace emotrain::data {

const OptionsTable& datasets() {
  constexpr const char* own = "your own files";
  constexpr const char* generated = "generated";
  static const std::array<OptionsEntry, 17> entries = {{
      {"mnist", "handwritten digits, 28x28 grey, 60,000 + 10,000", "LeCun, Cortes, Burges 1998", make_options<MnistOptions>},
      {"fashion_mnist", "clothes, 28x28 grey, 8,000 (cut) + 10,000", "Xiao, Rasul, Vollgraf, arXiv:1708.07747",
       make_options<FashionMnistOptions>},
      {"digits8x8", "handwritten digits, 8x8 grey, 1,438 + 359", "UCI, doi:10.24432/C50P49", make_options<DigitsOptions>},
      {"emoji", "emoji, 32x32 colour, 1,534 + 372", "Noto Emoji 2.048", make_options<EmojiOptions>},
      {"emoji_faces", "faces among the emoji, 32x32 colour, 94 + 24", "Noto Emoji 2.048", make_options<EmojiFacesOptions>},
      {"natural_images", "patches of two photographs, colour", "scikit-learn 1.2.1 sklearn/datasets/images",
       make_options<NaturalImagesOptions>},
      {"iris", "iris flowers, 4 numbers, 150", "Fisher 1936, doi:10.24432/C56C76", make_options<IrisOptions>},
      {"wine", "wines, 13 numbers, 178", "UCI, doi:10.24432/C5PC7J", make_options<WineOptions>},
      {"breast_cancer", "cell nuclei, 30 numbers, 569", "UCI, doi:10.24432/C5DW2B", make_options<BreastCancerOptions>},
      {"idx", "images in IDX files, plain or gzip", own, make_options<IdxOptions>},
      {"csv", "a table in a CSV file", own, make_options<CsvOptions>},
      {"image_folder", "PNG and JPEG images in class folders or an index", own, make_options<ImageFolderOptions>},
      {"two_moons", "two half circles that interlock, 2 numbers", generated, make_options<TwoMoonsOptions>},
      {"spirals", "arms of a spiral, 2 numbers", generated, make_options<SpiralsOptions>},
      {"rings", "concentric circles, 2 numbers", generated, make_options<RingsOptions>},
      {"blobs", "normal clouds, 2 numbers", generated, make_options<BlobsOptions>},
      {"none", "no data, for the model function", generated, make_options<NoDataOptions>},
  }};
  static const OptionsTable table{.kind = "data set", .tag = "name", .entries = entries};
  return table;
}

}  // namespace emotrain::data
