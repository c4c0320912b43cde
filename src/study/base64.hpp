#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace emotrain::study {

/// RFC 4648, with padding.
inline std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8U | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? digits[bits >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

/// Of numbers as they lie in memory, little-endian.
template <class T>
std::string base64_of(std::span<const T> numbers) {
  static_assert(std::endian::native == std::endian::little, "typed arrays of browsers are little-endian wherever browsers run");
  std::string bytes(numbers.size_bytes(), '\0');
  if (!bytes.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return base64(bytes);
}

/// Rounded to float32.
inline std::string base64_floats(std::span<const double> numbers) {
  std::vector<float> floats(numbers.size());
  for (std::size_t i = 0; i < floats.size(); ++i) floats[i] = static_cast<float>(numbers[i]) + 0.0F;  // -0 becomes 0
  return base64_of(std::span<const float>(floats));
}

}  // namespace emotrain::study
