#include "emotrain/report/image_grid.hpp"

#include <doctest/doctest.h>
#include <stb/stb_image.h>

#include <cmath>
#include <limits>
#include <memory>

#include "support/temporary_directory.hpp"

using namespace emotrain;
using report::ImageGrid;

namespace {

struct Decoded {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::unique_ptr<stbi_uc, void (*)(void*)> pixels{nullptr, stbi_image_free};

  explicit Decoded(const std::filesystem::path& path) { pixels.reset(stbi_load(path.c_str(), &width, &height, &channels, 0)); }
  int at(Index y, Index x, Index c) const { return pixels.get()[(y * width + x) * channels + c]; }
};

/// A value that tells picture, channel and place apart; a multiple of 1/255.
Real value(Index picture, Index channel, Index y, Index x) {
  return static_cast<Real>((picture * 89 + channel * 53 + y * 17 + x * 5) % 256) / 255;
}

}  // namespace

TEST_CASE("the PNG file decodes to the pictures, enlarged, on the ground between them") {
  struct Row {
    ImageGrid::Layout layout;
    Index scale;
  };
  const Row table[] = {
      {{.channels = 1, .height = 28, .width = 28, .rows = 2, .columns = 3, .rows_together = 2}, 3},
      {{.channels = 3, .height = 5, .width = 7, .rows = 4, .columns = 1, .rows_together = 2}, 12},
      {{.channels = 3, .height = 32, .width = 32, .rows = 1, .columns = 2}, 3},
      {{.channels = 1, .height = 200, .width = 3, .rows = 2, .columns = 2}, 1},
      {{.channels = 1, .height = 1, .width = 1}, 84},
  };
  const TemporaryDirectory directory;
  for (const auto& [layout, scale] : table) {
    ImageGrid grid(layout);
    CAPTURE(layout.height);
    CHECK(grid.scale() == scale);
    for (Index picture = 0; picture < layout.rows * layout.columns; ++picture) {
      std::vector<Real> values;
      for (Index c = 0; c < layout.channels; ++c) {
        for (Index i = 0; i < layout.height * layout.width; ++i) values.push_back(value(picture, c, i / layout.width, i % layout.width));
      }
      grid.place(picture / layout.columns, picture % layout.columns, values);
    }
    const auto path = directory / "grid.png";
    grid.write_png(path);
    const Decoded image(path);
    REQUIRE(image.pixels);
    REQUIRE(image.width == grid.pixel_width());
    REQUIRE(image.height == grid.pixel_height());
    REQUIRE(image.channels == layout.channels);

    Index wrong = 0;
    Index inside = 0;
    for (Index picture = 0; picture < layout.rows * layout.columns; ++picture) {
      const Index top = grid.top(picture / layout.columns);
      const Index left = grid.left(picture % layout.columns);
      for (Index y = 0; y < layout.height * scale; ++y) {
        for (Index x = 0; x < layout.width * scale; ++x) {
          for (Index c = 0; c < layout.channels; ++c) {
            const auto expected = static_cast<int>(std::lround(value(picture, c, y / scale, x / scale) * 255));
            wrong += image.at(top + y, left + x, c) != expected ? 1 : 0;
            ++inside;
          }
        }
      }
    }
    CHECK(wrong == 0);
    CHECK(inside < Index{image.width} * image.height * image.channels);
    for (const auto& [y, x] : {std::pair{0, 0}, {image.height - 1, image.width - 1}, {5, image.width / 2}}) CHECK(image.at(y, x, 0) == 228);
  }
}

TEST_CASE("values outside 0..1 are clamped, and what does not fit is refused") {
  const TemporaryDirectory directory;
  ImageGrid grid({.channels = 1, .height = 1, .width = 4});
  const auto infinity = std::numeric_limits<Real>::infinity();
  grid.place(0, 0, std::vector<Real>{-infinity, 3, std::numeric_limits<Real>::quiet_NaN(), infinity});
  grid.write_png(directory / "a.png");
  const Decoded image(directory / "a.png");
  REQUIRE(image.pixels);
  const int expected[] = {0, 255, 0, 255};
  for (Index x = 0; x < 4; ++x) CHECK(image.at(grid.top(0), grid.left(0) + x * grid.scale(), 0) == expected[x]);

  const std::vector<Real> four(4);
  CHECK(kind_of([&] { grid.place(0, 0, std::vector<Real>(3)); }) == ErrorKind::shape);
  CHECK(kind_of([&] { grid.place(0, 1, four); }) == ErrorKind::shape);
  CHECK(kind_of([&] { grid.place(-1, 0, four); }) == ErrorKind::shape);
  CHECK(kind_of([] { ImageGrid({.channels = 2, .height = 3, .width = 3}); }) == ErrorKind::shape);
  CHECK(kind_of([] { ImageGrid({.channels = 1, .height = 0, .width = 3}); }) == ErrorKind::shape);
  CHECK(kind_of([&] { grid.write_png(directory / "missing" / "a.png"); }) == ErrorKind::cannot_create);
}

TEST_CASE("a sink gets a grid as the bytes of the file, with its size") {
  class Pictures final : public report::Sink {
   public:
    void begin(const report::RunOutline& /*outline*/) override {}
    void step(const report::StepRecord& /*record*/) override {}
    void evaluation(const report::EvaluationRecord& /*record*/) override {}
    void picture(const report::PictureRecord& record) override {
      last = record;
      png = record.png;
    }
    void end() override {}
    report::PictureRecord last;
    std::string png;
  };
  const ImageGrid grid({.channels = 3, .height = 5, .width = 7, .rows = 2, .columns = 3});
  Pictures sink;
  show(grid, "samples", 12, sink);
  CHECK(sink.last.step == 12);
  CHECK(sink.last.name == "samples");
  CHECK(sink.last.width == grid.pixel_width());
  CHECK(sink.last.height == grid.pixel_height());
  CHECK(sink.last.channels == 3);
  CHECK(sink.png == grid.png());
  CHECK(sink.png.starts_with("\x89PNG\r\n"));
}
