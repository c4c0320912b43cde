#include "data/image.hpp"

#include <algorithm>
#include <string>

#include "data/image_decoders.hpp"
#include "data/input_file.hpp"
#include "emotrain/core/error.hpp"

#define STB_IMAGE_RESIZE_STATIC
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb_image_resize.h>

namespace emotrain::data {
namespace {

constexpr Index max_file_bytes = Index{1} << 28;

std::uint8_t divide_by_255(int value) { return static_cast<std::uint8_t>((value + 127) / 255); }

void convert_pixel(const std::uint8_t* rgba, std::uint8_t* out, Index out_channels) {
  std::uint8_t rgb[3];
  for (int c = 0; c < 3; ++c) rgb[c] = divide_by_255(rgba[c] * rgba[3] + 255 * (255 - rgba[3]));
  if (out_channels == 3) {
    std::copy_n(rgb, 3, out);
  } else {
    *out = static_cast<std::uint8_t>((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
  }
}

}  // namespace

void require_readable_size(const std::filesystem::path& path, Index width, Index height) {
  if (width >= 1 && height >= 1 && width <= max_image_pixels / height) return;
  fail(ErrorKind::data, "{}: {} x {} pixels; from 1 to {} in all are read: scale it down", display(path), width, height, max_image_pixels);
}

void fail_decoding(const std::filesystem::path& path, std::string_view reason) {
  fail(ErrorKind::data, "{}: not a PNG or JPEG image that can be read ({}); replace it or convert it", display(path), display(reason));
}

Image read_image(const std::filesystem::path& path, Index channels) {
  const std::string file = read_file(path, max_file_bytes);
  const bool png = file.starts_with("\x89PNG");
  if (!png && !file.starts_with("\xff\xd8")) fail_decoding(path, "it begins as neither of them");
  const Image decoded = png ? decode_png(path, file) : decode_jpeg(path, file);
  const Index count = decoded.width * decoded.height;
  Image image{.height = decoded.height, .width = decoded.width, .channels = channels, .pixels = {}};
  image.pixels.resize(static_cast<std::size_t>(count * channels));
  for (Index i = 0; i < count; ++i) convert_pixel(decoded.pixels.data() + i * 4, image.pixels.data() + i * channels, channels);
  return image;
}

Image resize(const Image& image, Index height, Index width) {
  if (image.height == height && image.width == width) return image;
  Image out{.height = height, .width = width, .channels = image.channels, .pixels = {}};
  out.pixels.resize(static_cast<std::size_t>(height * width * image.channels));
  const auto filter = [](Index from, Index to) { return to < from ? STBIR_FILTER_BOX : STBIR_FILTER_TRIANGLE; };
  const int done = stbir_resize(image.pixels.data(), static_cast<int>(image.width), static_cast<int>(image.height), 0, out.pixels.data(),
                                static_cast<int>(width), static_cast<int>(height), 0, STBIR_TYPE_UINT8, static_cast<int>(image.channels),
                                STBIR_ALPHA_CHANNEL_NONE, 0, STBIR_EDGE_CLAMP, STBIR_EDGE_CLAMP, filter(image.width, width),
                                filter(image.height, height), STBIR_COLORSPACE_LINEAR, nullptr);
  if (done == 0) fail(ErrorKind::io, "an image of {} x {} pixels cannot be resized: out of memory", image.width, image.height);
  return out;
}

std::uint8_t* copy_planes(const Image& image, Index top, Index left, Index height, Index width, std::uint8_t* out) {
  for (Index c = 0; c < image.channels; ++c) {
    for (Index y = top; y < top + height; ++y) {
      const std::uint8_t* in = image.pixels.data() + (y * image.width + left) * image.channels + c;
      for (Index x = 0; x < width; ++x) *out++ = in[x * image.channels];
    }
  }
  return out;
}

}  // namespace emotrain::data
