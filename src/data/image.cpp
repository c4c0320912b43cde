#include "data/image.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "data/input_file.hpp"
#include "emotrain/core/error.hpp"

namespace {

/// stb_image doubles its buffers as long as a stream goes on: the largest block that the image at hand may ask for.
thread_local std::size_t block_limit = 0;

/// Zeroed, for stb_image looks codes up in the Huffman tables that a JPEG names, whether it has defined them or not.
void* limited_malloc(std::size_t bytes) { return bytes > block_limit ? nullptr : std::calloc(1, bytes); }
void* limited_realloc(void* block, std::size_t bytes) { return bytes > block_limit ? nullptr : std::realloc(block, bytes); }

}  // namespace

// Some of its assertions are about the file: what fails one decodes to something, in every kind of build.
#define STBI_ASSERT(condition) static_cast<void>(0)
#define STBI_MALLOC(bytes) limited_malloc(bytes)
#define STBI_REALLOC(block, bytes) limited_realloc(block, bytes)
#define STBI_FREE(block) std::free(block)
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb_image.h>
#define STB_IMAGE_RESIZE_STATIC
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb_image_resize.h>

namespace emotrain::data {
namespace {

constexpr Index max_file_bytes = Index{1} << 28;

struct Free {
  void operator()(stbi_uc* pixels) const noexcept { std::free(pixels); }
};

[[noreturn]] void fail_decoding(const std::filesystem::path& path) {
  const char* reason = stbi_failure_reason();
  if (reason == nullptr || *reason == '\0') reason = "it ends early or is damaged";
  fail(ErrorKind::data, "{}: not a PNG or JPEG image that can be read ({}); replace it or convert it", display(path), reason);
}

std::size_t big_endian(const std::string& file, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(file[at + i])); };
  return byte(0) << 24U | byte(1) << 16U | byte(2) << 8U | byte(3);
}

/// stb_image looks up indices beyond a short palette in memory that it never set. Gives a palette PNG all 256 entries, the new ones black,
/// as libpng shows them; leaves any other file alone.
void complete_palette(std::string& file) {
  constexpr std::size_t colour_type_at = 25;
  constexpr std::size_t full = 768;
  if (file.size() <= colour_type_at || !file.starts_with("\x89PNG") || file[colour_type_at] != 3) return;
  for (std::size_t at = 8; file.size() >= at + 12;) {
    const std::size_t length = big_endian(file, at);
    if (length > file.size() - at - 12) return;
    if (file.compare(at + 4, 4, "PLTE") == 0) {
      if (length >= full || length % 3 != 0) return;
      file.insert(at + 8 + length, full - length, '\0');
      file.replace(at, 4, {0, 0, full >> 8U, full & 255U});
      return;
    }
    at += length + 12;
  }
}

/// Where stb_image meets an IDAT chunk of no bytes first, it copies them to nowhere, which memcpy may not be asked to. They mean nothing.
void remove_empty_data(std::string& file) {
  constexpr std::size_t header = 8;
  constexpr std::size_t sum = 4;
  if (!file.starts_with("\x89PNG")) return;
  for (std::size_t at = 8; file.size() >= at + header;) {
    const std::size_t length = big_endian(file, at);
    if (length == 0 && file.compare(at + 4, 4, "IDAT") == 0) {
      file.erase(at, header + sum);
    } else {
      at += header + std::min(length, file.size()) + sum;
    }
  }
}

/// stb_image writes behind the end of a table for a JPEG's Huffman table of more than 256 codes. Walks the segments as it does: bytes
/// between them are passed over, and so are, in the pixels' data, stuffed zeros and restart markers.
bool has_overfull_huffman_table(std::string_view file) {
  constexpr std::size_t most_codes = 256;
  const auto byte = [&](std::size_t at) { return at < file.size() ? static_cast<std::size_t>(static_cast<unsigned char>(file[at])) : 0; };
  if (!file.starts_with('\xff')) return false;
  for (std::size_t at = 0; (at = file.find('\xff', at)) != std::string_view::npos;) {
    at = std::min(file.find_first_not_of('\xff', at), file.size());
    const std::size_t marker = byte(at++);
    if (marker <= 1 || (marker >= 0xd0 && marker <= 0xd9)) continue;
    const std::size_t end = at + std::max<std::size_t>(byte(at) << 8U | byte(at + 1), 2);
    if (marker == 0xc4) {
      for (std::size_t table = at + 2; table < end;) {
        std::size_t codes = 0;
        for (std::size_t length = 1; length <= 16; ++length) codes += byte(table + length);
        if (codes > most_codes) return true;
        table += 17 + codes;
      }
    }
    at = end;
  }
  return false;
}

std::uint8_t divide_by_255(int value) { return static_cast<std::uint8_t>((value + 127) / 255); }

/// Source pixels have 1 (grey), 2 (grey, alpha), 3 or 4 (RGB, alpha) channels.
void convert_pixel(const stbi_uc* in, int in_channels, std::uint8_t* out, Index out_channels) {
  const bool colour = in_channels >= 3;
  const int alpha = in_channels % 2 == 0 ? in[in_channels - 1] : 255;
  std::uint8_t rgb[3];
  for (int c = 0; c < 3; ++c) rgb[c] = divide_by_255(in[colour ? c : 0] * alpha + 255 * (255 - alpha));
  if (out_channels == 3) {
    std::copy_n(rgb, 3, out);
  } else {
    *out = colour ? static_cast<std::uint8_t>((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000) : rgb[0];
  }
}

}  // namespace

Image read_image(const std::filesystem::path& path, Index channels) {
  std::string file = read_file(path, max_file_bytes);
  complete_palette(file);
  remove_empty_data(file);
  if (has_overfull_huffman_table(file)) {
    fail(ErrorKind::data, "{}: damaged JPEG: a Huffman table of more than 256 codes; replace it", display(path));
  }
  const auto* bytes = reinterpret_cast<const stbi_uc*>(file.data());
  const int size = static_cast<int>(file.size());
  int width = 0;
  int height = 0;
  int file_channels = 0;
  block_limit = std::size_t{1} << 20;
  if (stbi_info_from_memory(bytes, size, &width, &height, &file_channels) == 0) fail_decoding(path);
  if (width < 1 || height < 1 || Index{width} * height > max_image_pixels) {
    fail(ErrorKind::data, "{}: {} x {} pixels; from 1 to {} in all are read: scale it down", display(path), width, height,
         max_image_pixels);
  }
  // 16-bit RGBA and the filter bytes, or a compressed stream, and once more for doubling.
  const std::size_t decoded = 8 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height) + static_cast<std::size_t>(height);
  block_limit += 2 * std::max(decoded, file.size());
  const std::unique_ptr<stbi_uc, Free> decoded_pixels(stbi_load_from_memory(bytes, size, &width, &height, &file_channels, 0));
  if (!decoded_pixels) fail_decoding(path);

  const Index count = Index{width} * height;
  Image image{.height = height, .width = width, .channels = channels, .pixels = {}};
  image.pixels.resize(static_cast<std::size_t>(count * channels));
  for (Index i = 0; i < count; ++i) {
    convert_pixel(decoded_pixels.get() + i * file_channels, file_channels, image.pixels.data() + i * channels, channels);
  }
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
