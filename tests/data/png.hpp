#pragma once
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace emotrain::data {

inline std::string big_endian(std::size_t value) {
  return {static_cast<char>(value >> 24U & 255U), static_cast<char>(value >> 16U & 255U), static_cast<char>(value >> 8U & 255U),
          static_cast<char>(value & 255U)};
}

/// A PNG file of 8 bits a channel (1: grey, 2: grey and alpha, 3: RGB, 4: RGBA), and `surplus` zeros more than its pixels need.
inline std::string make_png(std::size_t width, std::size_t height, std::size_t channels, const std::vector<std::uint8_t>& pixels,
                            std::size_t surplus = 0) {
  const auto chunk = [](const std::string& content) {
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    return big_endian(content.size() - 4) + content + big_endian(crc);
  };
  constexpr char colour_types[] = {0, 4, 2, 6};
  std::string rows;
  for (std::size_t y = 0; y < height; ++y) {
    rows += '\0';
    rows.append(reinterpret_cast<const char*>(pixels.data()) + y * width * channels, width * channels);
  }
  rows.append(surplus, '\0');
  std::string packed(compressBound(rows.size()), '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()), rows.size());
  packed.resize(size);
  const std::string header = big_endian(width) + big_endian(height) + '\x08' + colour_types[channels - 1] + std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR" + header) + chunk("IDAT" + packed) + chunk("IEND");
}

}  // namespace emotrain::data
