#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "emotrain/core/shape.hpp"

namespace emotrain::data {

/// The content of an IDX file of unsigned bytes, outermost axis first.
struct IdxArray {
  Shape shape;
  std::vector<std::uint8_t> bytes;
};

/// Reads an IDX file, plain or gzip: two zero bytes, type 0x08, number of axes, the extents as big-endian 32-bit numbers, the values.
/// `what` ("images") is named in messages. Throws as GzipReader, and Error{data} unless all of it is as the header declares, with
/// `min_rank` to `max_rank` axes, none of extent 0. Never holds more memory than a small multiple of what the file holds.
IdxArray read_idx(const std::filesystem::path& path, const char* what, int min_rank, int max_rank);

}  // namespace emotrain::data
