#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "emotrain/core/real.hpp"

namespace emotrain::data {

/// Images with more pixels are refused before they are decoded.
constexpr Index max_image_pixels = Index{1} << 25;

/// Pixels row by row, the channels of a pixel side by side.
struct Image {
  Index height = 0;
  Index width = 0;
  Index channels = 0;
  std::vector<std::uint8_t> pixels;
};

/// Decodes a PNG or JPEG file, whatever its name, to RGB (channels 3) or grey (1):
/// - 16 bits become the high 8; palettes are looked up; CMYK becomes RGB; EXIF orientation and colour profiles are ignored;
/// - alpha is composited on white: v = (c a + 255 (255 - a)) / 255, rounded;
/// - RGB becomes grey by ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, rounded; grey becomes RGB by repetition.
/// Throws as InputFile, and Error{data} for anything else or damaged or larger than max_image_pixels.
Image read_image(const std::filesystem::path& path, Index channels);

/// Scales each axis: smaller by the mean over the area that a new pixel covers, larger by linear interpolation (stb_image_resize).
Image resize(const Image& image, Index height, Index width);

/// Writes the rectangle of `height` x `width` pixels from (top, left) as [C, H, W]; returns the end of what was written.
std::uint8_t* copy_planes(const Image& image, Index top, Index left, Index height, Index width, std::uint8_t* out);

}  // namespace emotrain::data
