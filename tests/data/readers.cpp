#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "data/csv.hpp"
#include "data/idx.hpp"
#include "data/image.hpp"
#include "data/input_file.hpp"
#include "data/number.hpp"
#include "data/png.hpp"
#include "data/table.hpp"
#include "data/temp_folder.hpp"
#include "emotrain/data/files.hpp"

namespace emotrain::data {
namespace {

const std::string corpus = EMOTRAIN_TEST_DATA "/corpus/";

std::string idx_file(const std::vector<std::size_t>& extents, const std::string& values) {
  std::string file = {'\0', '\0', '\x08', static_cast<char>(extents.size())};
  for (const std::size_t extent : extents) file += big_endian(extent);
  return file + values;
}

std::vector<Real> reals(std::initializer_list<double> values) {
  std::vector<Real> out;
  for (const double value : values) out.push_back(static_cast<Real>(value));
  return out;
}

TEST_CASE("a JPEG's Huffman table of too many codes is refused before it is decoded") {
  const TempFolder folder;
  for (const int codes : {256, 257, 4080}) {
    CAPTURE(codes);
    std::string counts(16, '\0');
    for (int left = codes, i = 15; left > 0; left -= 255, --i) counts[static_cast<std::size_t>(i)] = static_cast<char>(std::min(left, 255));
    const int length = 2 + 17 + codes;
    const std::string head{'\xff', '\xc4', static_cast<char>(length / 256), static_cast<char>(length % 256), '\0'};
    const auto path = folder.write("a.jpg", "\xff\xd8" + head + counts + std::string(static_cast<std::size_t>(codes), '\1'));
    CHECK(contains(error_of(ErrorKind::data, [&] { read_image(path, 1); }), "Bogus Huffman table") == (codes > 256));
  }
}

}  // namespace

TEST_CASE("IDX: plain, gzip and several gzip members hold the same") {
  const IdxArray plain = read_idx(corpus + "idx/ok-images.idx", "images", 3, 4);
  CHECK(plain.shape == Shape{20, 28, 28});
  CHECK(read_idx(corpus + "idx/ok-images.idx.gz", "images", 3, 4).bytes == plain.bytes);
  CHECK(read_idx(corpus + "idx/gz-two-members.idx.gz", "images", 3, 4).bytes == plain.bytes);
}

TEST_CASE("IDX: four axes are channels, height, width; a test set brings its own files") {
  const TempFolder folder;
  IdxOptions options;
  options.root = folder.str();
  options.images = "train";
  options.labels = "train-labels";
  options.validation_fraction = 0;
  folder.write("train", idx_file({2, 3, 1, 2}, "abcdefghijkl"));
  folder.write("train-labels", idx_file({2}, std::string("\0\1", 2)));
  folder.write("test", idx_file({1, 3, 1, 2}, "ABCDEF"));
  folder.write("test-labels", idx_file({1}, "\1"));
  options.test_images = "test";
  options.test_labels = "test-labels";
  const Splits splits = load_splits(options);
  CHECK(splits.training_set->sample_shape == Shape{3, 1, 2});
  CHECK(splits.training_set->bytes.back() == 'l');
  CHECK(splits.training_set->class_names == std::vector<std::string>{"0", "1"});
  CHECK(splits.test_set->bytes.front() == 'A');
  CHECK(splits.test == std::vector<std::int32_t>{0});

  folder.write("test-labels", idx_file({1}, "\2"));
  const std::string text = error_of(ErrorKind::data, [&] { load_splits(options); });
  CHECK(contains(text, "test-labels: sample 0 (from 0) has the label 2"));
  folder.write("test", idx_file({1, 3, 2, 1}, "ABCDEF"));
  CHECK(contains(error_of(ErrorKind::data, [&] { load_splits(options); }), "(3,2,1)"));
}

TEST_CASE("CSV: line ends, byte-order mark, blanks, quotes and blank lines make no difference") {
  const Table table = read_table(corpus + "csv/ok.csv", "label");
  CHECK(table.columns == std::vector<std::string>{"a", "b", "c"});
  CHECK(table.rows == 4);
  CHECK(table.values == reals({1, 2, 3, 4, 5, 6, 7, 8, 9, 1.5, -20, .25}));
  CHECK(table.labels == std::vector<std::int32_t>{0, 1, 2, 0});
  for (const char* name : {"ok-crlf", "ok-no-final-newline", "bom", "blank-lines"}) {
    CAPTURE(name);
    const Table same = read_table(corpus + "csv/" + name + ".csv", "label");
    CHECK(same.columns == table.columns);
    CHECK(same.values == table.values);
    CHECK(same.labels == table.labels);
  }
  CHECK(read_table(corpus + "csv/spaces.csv", "label").columns == table.columns);
  const TempFolder folder;
  const std::string path = folder.write("q.csv", "\"a,\"\"1\"\"\n\", label\n \"1.5\" ,\"2\"\n\n");
  const Table quoted = read_table(path, "label");
  CHECK(quoted.columns == std::vector<std::string>{"a,\"1\"\n"});
  CHECK(quoted.values == reals({1.5}));
  CHECK(quoted.labels == std::vector<std::int32_t>{2});
}

TEST_CASE("CSV: what is wrong is named with file, line and value") {
  const struct {
    const char* content;
    const char* said;
  } cases[] = {
      {"a,label\n1,0\n\nx,0\n", "t.csv:4: \"x\" in column \"a\""},
      {"a,label\n\"1\n2\",0\n", "t.csv:2: \"1\\x0a2\" in column"},
      {"a,label\n1,0\n1,0,3\n", "t.csv:3: has 3 fields where the header names 2"},
      {"a,label\n1,-1\n", "t.csv:2: the label \"-1\""},
      {"a,label\n1,65536\n", "from 0 to 65535"},
      {"a,label\n,1\n", "t.csv:2: no value in column \"a\""},
      {"a,label\n1e39,1\n", "t.csv:2: 1e39 in column \"a\" is too large"},
      {"a,b\n1,1\n", "t.csv:1: there is no column \"label\""},
      {"1,2\n1,1\n", "t.csv:1: the first row holds numbers"},
      {"a,a\n", "two columns are named \"a\""},
      {"a,,c\n", "column 2 has no name"},
      {"label\n1\n", "no column beside the labels"},
      {"a,label\n\"1\" 2,0\n", "t.csv:2: text follows a closing quote"},
      {"a,label\n1,0\r1,0\n", "t.csv:2: a carriage return without a line feed"},
      {"a,label\n1,\"0\n", "t.csv:2: a quoted field of this row never ends"},
      {"a,label\n1,0\n1,\"0\"", ""},
  };
  const TempFolder folder;
  for (const auto& row : cases) {
    CAPTURE(row.content);
    const std::string path = folder.write("t.csv", row.content);
    if (*row.said == '\0') {
      CHECK(read_table(path, "label").rows == 2);
    } else {
      const std::string text = error_of(ErrorKind::data, [&] { read_table(path, "label"); });
      CHECK_MESSAGE(contains(text, row.said), text);
    }
  }
}

TEST_CASE("CSV: without a label column, and more columns than are read") {
  const TempFolder folder;
  const std::string path = folder.write("t.csv", "a,b\n1,2\n3,4\n");
  const Table table = read_table(path, "");
  CHECK(table.values == reals({1, 2, 3, 4}));
  CHECK(table.labels.empty());
  folder.write("wide.csv", std::string(65'536, ','));
  CHECK(contains(error_of(ErrorKind::data, [&] { CsvReader csv(folder / "wide.csv"); }), "more than the 65536 columns"));
}

TEST_CASE("CSV: a test file must have the columns of the training file") {
  const TempFolder folder;
  CsvOptions options;
  options.root = folder.str();
  options.path = "a.csv";
  options.test_path = "b.csv";
  options.standardize = false;
  options.validation_fraction = 0;
  folder.write("a.csv", "x,y,label\n1,2,0\n3,4,1\n");
  folder.write("b.csv", "x,label,y\n5,0,6\n");
  const Splits splits = load_splits(options);
  CHECK(splits.train == std::vector<std::int32_t>{0, 1});
  CHECK(splits.test_set->reals == reals({5, 6}));
  folder.write("b.csv", "y,x,label\n5,6,0\n");
  CHECK(contains(error_of(ErrorKind::data, [&] { load_splits(options); }), "b.csv: its columns are not those of"));
}

TEST_CASE("numbers are read whole and strictly") {
  for (const char* text : {"", " 1", "1 ", "+1", "0x10", "5abc", "nan", "inf", "-inf", "1e", "1e999", "1,5", "--1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text).has_value());
    CHECK_FALSE(parse_integer(text).has_value());
  }
  CHECK(parse_number("-1.5e-3") == -1.5e-3);
  CHECK(parse_number(".5") == 0.5);
  CHECK(parse_number("5.") == 5.0);
  CHECK(parse_integer("-12") == -12);
  CHECK_FALSE(parse_integer("1.0").has_value());
  CHECK_FALSE(parse_integer("99999999999999999999").has_value());
}

TEST_CASE("images: channels, alpha on white, and order of planes") {
  const TempFolder folder;
  const struct {
    std::size_t channels;
    std::vector<std::uint8_t> pixel;
    std::vector<std::uint8_t> rgb;
    std::vector<std::uint8_t> grey;
  } cases[] = {
      {1, {100}, {100, 100, 100}, {100}},
      {2, {100, 51}, {224, 224, 224}, {224}},      // (100 * 51 + 255 * 204) / 255
      {3, {200, 100, 50}, {200, 100, 50}, {124}},  // 59.8 + 58.7 + 5.7
      {4, {200, 100, 50, 0}, {255, 255, 255}, {255}},
      {4, {200, 100, 50, 255}, {200, 100, 50}, {124}},
  };
  for (const auto& row : cases) {
    CAPTURE(row.channels);
    const std::string path = folder.write("x.png", make_png(1, 1, row.channels, row.pixel));
    CHECK(read_image(path, 3).pixels == row.rgb);
    CHECK(read_image(path, 1).pixels == row.grey);
  }
  const Image image = read_image(folder.write("x.png", make_png(2, 1, 3, {1, 2, 3, 4, 5, 6})), 3);
  CHECK(image.width == 2);
  std::vector<std::uint8_t> planes(6);
  CHECK(copy_planes(image, 0, 0, 1, 2, planes.data()) == planes.data() + 6);
  CHECK(planes == std::vector<std::uint8_t>{1, 4, 2, 5, 3, 6});
}

TEST_CASE("images: halving is the mean of 2x2 pixels; doubling interpolates; the same size is left alone") {
  const Image image{.height = 2, .width = 4, .channels = 1, .pixels = {10, 20, 100, 104, 30, 40, 108, 112}};
  CHECK(resize(image, 1, 2).pixels == std::vector<std::uint8_t>{25, 106});
  CHECK(resize(image, 2, 4).pixels == image.pixels);
  const Image edge{.height = 1, .width = 2, .channels = 1, .pixels = {0, 200}};
  CHECK(resize(edge, 1, 4).pixels == std::vector<std::uint8_t>{0, 50, 150, 200});
  const Image thirds{.height = 1, .width = 3, .channels = 1, .pixels = {0, 90, 240}};
  CHECK(resize(thirds, 1, 1).pixels == std::vector<std::uint8_t>{110});
}

TEST_CASE("images: pixels beyond a palette of four entries are black, all others as the palette says") {
  const Image image = read_image(corpus + "image/palette-out-of-range.png", 3);
  CHECK(std::vector<std::uint8_t>(image.pixels.begin(), image.pixels.begin() + 3) == std::vector<std::uint8_t>{0, 1, 2});
  for (std::size_t i = 3; i < 32 * 3; ++i) CHECK(image.pixels[i] == 0);
  const Image whole = read_image(corpus + "image/palette.png", 3);
  CHECK(std::any_of(whole.pixels.begin(), whole.pixels.end(), [](std::uint8_t v) { return v != 0; }));
}

TEST_CASE("images: a JPEG that names Huffman tables which it does not define is refused") {
  const TempFolder folder;
  std::string jpeg = read_file(corpus + "image/ok.jpg", Index{1} << 20);
  const std::size_t scan = jpeg.find("\xff\xda");
  REQUIRE(scan != std::string::npos);
  for (int component = 0; component < jpeg[scan + 4]; ++component) jpeg[scan + 6 + 2 * static_cast<std::size_t>(component)] = '\x33';
  const std::string path = folder.write("undefined.jpg", jpeg);
  CHECK(contains(error_of(ErrorKind::data, [&] { read_image(path, 3); }), "Huffman table 0x03 was not defined"));
}

TEST_CASE("images: chunks of no pixels mean nothing, wherever they are") {
  const TempFolder folder;
  const std::string png = make_png(2, 1, 3, {1, 2, 3, 4, 5, 6});
  const std::string empty = std::string(4, '\0') + "IDAT" + "\x35\xaf\x06\x1e";
  const std::size_t data = png.find("IDAT") - 4;
  const std::size_t end = png.find("IEND") - 4;
  for (const std::size_t place : {data, end}) {
    const std::string with = png.substr(0, place) + empty + empty + png.substr(place);
    CHECK(read_image(folder.write("empty.png", with), 3).pixels == read_image(folder.write("plain.png", png), 3).pixels);
  }
  // Without pixels, whole or cut off.
  CHECK_THROWS_AS(read_image(folder.write("none.png", png.substr(0, data) + empty + png.substr(end)), 3), Error);
  for (std::size_t size = 0; size <= empty.size(); ++size) {
    CHECK_THROWS_AS(read_image(folder.write("cut.png", png.substr(0, data) + empty.substr(0, size)), 3), Error);
  }
}

TEST_CASE("images: a pixel stream that goes on behind the last pixel is left there") {
  const TempFolder folder;
  const std::vector<std::uint8_t> pixels(64, 7);
  CHECK(read_image(folder.write("fits.png", make_png(8, 8, 1, pixels, 1000)), 1).pixels == pixels);
  CHECK(read_image(folder.write("bomb.png", make_png(8, 8, 1, pixels, std::size_t{32} << 20U)), 1).pixels == pixels);
  const std::string text = error_of(ErrorKind::data, [&] { read_image(corpus + "image/bomb-10000.png", 1); });
  CHECK(contains(text, "10000 x 10000 pixels"));
}

}  // namespace emotrain::data
