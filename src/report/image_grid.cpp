#include "emotrain/report/image_grid.hpp"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb_image_write.h>

#include <algorithm>
#include <cmath>

#include "emotrain/core/error.hpp"
#include "emotrain/report/atomic_file.hpp"

namespace emotrain::report {
namespace {

constexpr std::uint8_t ground = 228;
constexpr Index picture_pixels = 84;
constexpr Index margin = 12;
constexpr Index gap = 6;
/// Between groups of rows that stand together; within a group: `gap / 3`.
constexpr Index group_gap = 14;

std::uint8_t to_byte(Real value) {
  return value > 0 ? static_cast<std::uint8_t>(std::lround(std::min(value, Real(1)) * 255)) : std::uint8_t{0};
}

}  // namespace

ImageGrid::ImageGrid(const Layout& layout) : layout_(layout) {
  if ((layout.channels != 1 && layout.channels != 3) ||
      std::min({layout.height, layout.width, layout.rows, layout.columns, layout.rows_together}) < 1) {
    fail(ErrorKind::shape, "[image grid] {} x {} pictures of {} channels, {} x {}: give 1 or 3 channels and at least one pixel",
         layout.rows, layout.columns, layout.channels, layout.height, layout.width);
  }
  const Index side = std::max(layout.height, layout.width);
  scale_ = layout.plain ? 1 : std::max<Index>(1, (picture_pixels + side / 2) / side);
  const Index border = layout.plain ? 0 : margin;
  pixel_width_ = left(layout.columns - 1) + layout.width * scale_ + border;
  pixel_height_ = top(layout.rows - 1) + layout.height * scale_ + border;
  pixels_.assign(static_cast<std::size_t>(pixel_width_ * pixel_height_ * layout.channels), ground);
}

Index ImageGrid::left(Index column) const {
  return layout_.plain ? column * layout_.width : margin + column * (layout_.width * scale_ + gap);
}

Index ImageGrid::top(Index row) const {
  if (layout_.plain) return row * layout_.height;
  const bool groups = layout_.rows_together > 1;
  const Index before = row / layout_.rows_together;
  return margin + row * layout_.height * scale_ + before * (groups ? group_gap : gap) + (groups ? (row - before) * (gap / 3) : 0);
}

void ImageGrid::place(Index row, Index column, std::span<const Real> values) {
  const auto [channels, height, width, rows, columns, together, plain] = layout_;
  if (row < 0 || row >= rows || column < 0 || column >= columns || static_cast<Index>(values.size()) != channels * height * width) {
    fail(ErrorKind::shape, "[image grid] {} values at ({},{}): the grid is {} x {} pictures of {} values", values.size(), row, column, rows,
         columns, channels * height * width);
  }
  for (Index y = 0; y < height * scale_; ++y) {
    std::uint8_t* out = pixels_.data() + ((top(row) + y) * pixel_width_ + left(column)) * channels;
    for (Index x = 0; x < width * scale_; ++x) {
      for (Index c = 0; c < channels; ++c) {
        *out++ = to_byte(values[static_cast<std::size_t>((c * height + y / scale_) * width + x / scale_)]);
      }
    }
  }
}

std::string ImageGrid::png() const {
  std::string file;
  const auto append = [](void* context, void* bytes, int size) {
    static_cast<std::string*>(context)->append(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  };
  const auto channels = static_cast<int>(layout_.channels);
  const auto width = static_cast<int>(pixel_width_);
  if (stbi_write_png_to_func(append, &file, width, static_cast<int>(pixel_height_), channels, pixels_.data(), width * channels) == 0) {
    fail(ErrorKind::io, "encoding {} x {} pixels as PNG failed", pixel_width_, pixel_height_);
  }
  return file;
}

void ImageGrid::write_png(const std::filesystem::path& path, FileSystem& files) const { write_file(path, png(), files); }

void show(const ImageGrid& grid, std::string_view name, Index step, Sink& sink) {
  const std::string png = grid.png();
  sink.picture(
      {.step = step, .name = name, .width = grid.pixel_width(), .height = grid.pixel_height(), .channels = grid.channels(), .png = png});
}

}  // namespace emotrain::report
