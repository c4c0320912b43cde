#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace emotrain::report {

/// Eight tables for the Castagnoli polynomial (reflected 0x82f63b78): the first is the usual one for a byte, each next one a byte further
/// on.
constexpr std::array<std::array<std::uint32_t, 256>, 8> make_crc32c_tables() {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) tables[k][byte] = (tables[k - 1][byte] >> 8U) ^ tables[0][tables[k - 1][byte] & 0xffU];
  }
  return tables;
}

/// CRC-32C (Castagnoli; RFC 3720, section 12.1), eight bytes at a time: zlib has only the CRC-32 of Ethernet, and Boost's is byte by byte.
inline std::uint32_t crc32c(std::string_view bytes) {
  static constexpr auto tables = make_crc32c_tables();
  std::uint32_t crc = 0xffffffffU;
  if constexpr (std::endian::native == std::endian::little) {
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
      std::uint32_t words[2];
      std::memcpy(words, bytes.data(), sizeof words);
      const std::uint32_t low = words[0] ^ crc;
      const std::uint32_t high = words[1];
      crc = tables[7][low & 0xffU] ^ tables[6][(low >> 8U) & 0xffU] ^ tables[5][(low >> 16U) & 0xffU] ^ tables[4][low >> 24U] ^
            tables[3][high & 0xffU] ^ tables[2][(high >> 8U) & 0xffU] ^ tables[1][(high >> 16U) & 0xffU] ^ tables[0][high >> 24U];
    }
  }
  for (const char byte : bytes) crc = (crc >> 8U) ^ tables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xffU];
  return ~crc;
}

}  // namespace emotrain::report
