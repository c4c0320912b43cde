#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>

#include "data/classes.hpp"
#include "data/temp_folder.hpp"
#include "emotrain/data/bundled.hpp"
#include "emotrain/data/options.hpp"

/// The bundled sets are what their READMEs say.
namespace emotrain::data {
namespace {

const std::string data_folder = EMOTRAIN_SOURCE "/data";

template <class T>
T whole() {
  T options;
  options.root = data_folder;
  options.validation_fraction = 0;
  return options;
}

std::vector<Index> class_counts(const Dataset& set) {
  std::vector<Index> counts(static_cast<std::size_t>(set.classes()));
  for (const std::int32_t label : set.labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

double mean_byte(const Dataset& set) {
  return static_cast<double>(std::accumulate(set.bytes.begin(), set.bytes.end(), std::uint64_t{0})) / static_cast<double>(set.bytes.size());
}

}  // namespace

TEST_CASE("mnist: counts, mean, classes, files") {
  const Splits splits = load_splits(whole<MnistOptions>());
  const Dataset& train = *splits.training_set;
  CHECK(train.size == 60'000);
  CHECK(splits.train.size() == 60'000);
  CHECK(splits.test.size() == 10'000);
  CHECK(train.sample_shape == Shape{1, 28, 28});
  CHECK(train.bytes.size() == 60'000 * 784);
  CHECK(train.bytes.capacity() == train.bytes.size());
  CHECK(std::round(1000 * mean_byte(train)) == 33'318);
  CHECK(train.scale == 255);
  CHECK(class_counts(train) == std::vector<Index>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949});
  CHECK(class_counts(*splits.test_set) == std::vector<Index>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009});
  CHECK(train.class_names.front() == "0");
  CHECK(train.files == std::vector<std::string>{data_folder + "/mnist/train-images-idx3-ubyte.gz",
                                                data_folder + "/mnist/train-labels-idx1-ubyte.gz", data_folder + "/mnist/classes.txt"});
  CHECK(splits.test_set->files.size() == 2);
}

TEST_CASE("fashion_mnist: the training set is cut") {
  const Splits splits = load_splits(whole<FashionMnistOptions>());
  CHECK(class_counts(*splits.training_set) == std::vector<Index>{747, 860, 809, 807, 763, 795, 807, 818, 792, 802});
  CHECK(splits.test.size() == 10'000);
  CHECK(splits.test_set->class_names[9] == "Ankle boot");
}

TEST_CASE("digits8x8: bytes with scale 16") {
  const Splits splits = load_splits(whole<DigitsOptions>());
  const Dataset& train = *splits.training_set;
  CHECK(train.sample_shape == Shape{1, 8, 8});
  CHECK(train.scale == 16);
  CHECK(train.reals.empty());
  CHECK(class_counts(train) == std::vector<Index>{142, 146, 142, 146, 145, 146, 145, 143, 139, 144});
  CHECK(class_counts(*splits.test_set) == std::vector<Index>{36, 36, 35, 37, 36, 36, 36, 36, 35, 36});
  const std::vector<std::uint8_t> first_rows = {0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0};
  CHECK(std::equal(first_rows.begin(), first_rows.end(), train.bytes.begin()));
  CHECK(train.labels[0] == 0);
  CHECK(train.labels[1] == 1);
  CHECK(splits.test_set->labels[0] == 4);

  const TempFolder folder;
  std::filesystem::copy(data_folder + "/digits8x8", folder / "digits8x8");
  std::string row = "17";
  std::string header = "p0";
  for (int i = 1; i < 64; ++i) {
    row += ",0";
    header += ",p" + std::to_string(i);
  }
  std::filesystem::permissions(folder / "digits8x8/digits_test.csv", std::filesystem::perms::owner_all);
  folder.write("digits8x8/digits_test.csv", header + ",label\n" + row + ",3\n");
  DigitsOptions options;
  options.root = folder.str();
  CHECK(contains(error_of(ErrorKind::data, [&] { load_splits(options); }), "digits_test.csv: the pixel 17"));
}

TEST_CASE("emoji: counts of both indices, classes in the order of classes.txt") {
  const Splits emoji = load_splits(whole<EmojiOptions>());
  CHECK(emoji.training_set->sample_shape == Shape{3, 32, 32});
  CHECK(class_counts(*emoji.training_set) == std::vector<Index>{69, 129, 215, 105, 213, 315, 134, 178, 176});
  CHECK(class_counts(*emoji.test_set) == std::vector<Index>{16, 30, 55, 26, 51, 71, 35, 46, 42});
  CHECK(emoji.training_set->class_names == read_class_names(data_folder + "/emoji/classes.txt"));
  CHECK(emoji.training_set->files.size() == 1534 + 1);
  // A corner of the first face is background.
  CHECK(emoji.training_set->bytes[0] == 255);

  const Splits faces = load_splits(whole<EmojiFacesOptions>());
  CHECK(class_counts(*faces.training_set) == std::vector<Index>{7, 21, 6, 2, 6, 2, 6, 13, 5, 11, 5, 10});
  CHECK(faces.test.size() == 24);
  CHECK(faces.test_set->classes() == 12);
}

TEST_CASE("natural_images: patches that together are the photographs") {
  auto options = whole<NaturalImagesOptions>();
  options.test_fraction = 0;
  const Splits small = load_splits(options);
  CHECK(small.training_set->size == 2 * 53 * 80);
  CHECK(small.training_set->sample_shape == Shape{3, 8, 8});
  CHECK(small.training_set->labels.empty());
  CHECK(small.training_set->classes() == 0);
  options.patch_size = 16;
  const Splits large = load_splits(options);
  CHECK(large.training_set->size == 2 * 26 * 40);
  // The first patch of 16 begins with the first of 8, and its next 8 columns are the second.
  const auto& a = small.training_set->bytes;
  const auto& b = large.training_set->bytes;
  CHECK(std::equal(a.begin(), a.begin() + 8, b.begin()));
  CHECK(std::equal(a.begin() + 192, a.begin() + 200, b.begin() + 8));
  options.channels = 2;
  CHECK(contains(error_of(ErrorKind::usage, [&] { load_splits(options); }), "channels: 2"));
  options.channels = 1;
  CHECK(load_splits(options).training_set->sample_shape == Shape{1, 16, 16});
  options.patch_size = 500;
  CHECK(contains(error_of(ErrorKind::data, [&] { load_splits(options); }), "smaller than a patch of 500"));
}

TEST_CASE("tables: counts, and standardization by the training part alone") {
  const struct {
    std::unique_ptr<TableOptions> options;
    Index columns;
    std::vector<Index> counts;
  } cases[] = {{std::make_unique<IrisOptions>(), 4, {50, 50, 50}},
               {std::make_unique<WineOptions>(), 13, {59, 71, 48}},
               {std::make_unique<BreastCancerOptions>(), 30, {212, 357}}};
  for (const auto& row : cases) {
    CAPTURE(row.columns);
    row.options->root = data_folder;
    row.options->standardize = false;
    const Splits raw = load_splits(*row.options);
    CHECK(raw.training_set->sample_shape == Shape{row.columns});
    CHECK(class_counts(*raw.training_set) == row.counts);
    CHECK(raw.standardization.mean.empty());
    row.options->standardize = true;
    const Splits splits = load_splits(*row.options);
    CHECK(splits.train == raw.train);
    const auto columns = static_cast<std::size_t>(row.columns);
    for (std::size_t c = 0; c < columns; ++c) {
      double sum = 0;
      double squares = 0;
      for (const std::int32_t i : splits.train) {
        const double x = splits.training_set->reals[static_cast<std::size_t>(i) * columns + c];
        sum += x;
        squares += x * x;
      }
      const auto n = static_cast<double>(splits.train.size());
      CHECK(sum / n == doctest::Approx(0).epsilon(1e-6));
      CHECK(squares / n == doctest::Approx(1).epsilon(1e-5));
      const std::size_t at = static_cast<std::size_t>(splits.test.front()) * columns + c;
      const double expected = (raw.training_set->reals[at] - splits.standardization.mean[c]) / splits.standardization.deviation[c];
      CHECK(splits.training_set->reals[at] == doctest::Approx(expected).epsilon(1e-5));
    }
  }
}

TEST_CASE("bundled sets are looked for under root, else ./data, and the error lists the places") {
  const TempFolder folder;
  MnistOptions options;
  options.root = folder.str();
  const std::string text = error_of(ErrorKind::missing, [&] { load_splits(options); });
  CHECK(contains(text, "\"mnist\" not found; looked for " + folder.str() + "/mnist"));

  std::filesystem::create_directories(folder / "data/mnist");
  options.root = folder.str() + "/data";
  CHECK(contains(error_of(ErrorKind::missing, [&] { load_splits(options); }), "holds none of train-images-idx3-ubyte.gz"));

  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.str());
  std::filesystem::copy(data_folder + "/digits8x8", folder / "data/digits8x8");
  CHECK(load_splits(DigitsOptions()).training_set->size == 1438);
  const std::string both = error_of(ErrorKind::missing, [&] { load_splits(WineOptions()); });
  std::filesystem::current_path(before);
  CHECK(contains(both, folder.str() + "/data/tabular, "));
  CHECK(contains(both, "/share/emotrain/data/tabular"));
}

TEST_CASE("class names: one a line, none empty, none twice") {
  const TempFolder folder;
  CHECK(read_class_names(folder.write("c", "b\r\na b\n")) == std::vector<std::string>{"b", "a b"});
  CHECK(contains(error_of(ErrorKind::data, [&] { read_class_names(folder.write("c", "a\n\nb\n")); }), "c:2: empty line"));
  CHECK(contains(error_of(ErrorKind::data, [&] { read_class_names(folder.write("c", "a\nb\na")); }), "c:3: the class name \"a\""));
  CHECK(contains(error_of(ErrorKind::data, [&] { read_class_names(folder.write("c", "")); }), "is empty"));
}

}  // namespace emotrain::data
