#pragma once
#include <filesystem>
#include <string_view>

#include "data/image.hpp"

namespace emotrain::data {

/// The pixels of a file as RGBA, 8 bits each; `path` is for messages. Damage, also a cut end or a wrong checksum, is Error{data},
/// and so is a size that require_readable_size refuses, before memory is taken for it.
Image decode_png(const std::filesystem::path& path, std::string_view file);
Image decode_jpeg(const std::filesystem::path& path, std::string_view file);

void require_readable_size(const std::filesystem::path& path, Index width, Index height);
[[noreturn]] void fail_decoding(const std::filesystem::path& path, std::string_view reason);

}  // namespace emotrain::data
