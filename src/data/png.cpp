#include <spng.h>

#include <memory>

#include "data/image_decoders.hpp"

namespace emotrain::data {

Image decode_png(const std::filesystem::path& path, std::string_view file) {
  struct Free {
    void operator()(spng_ctx* context) const noexcept { spng_ctx_free(context); }
  };
  const std::unique_ptr<spng_ctx, Free> context(spng_ctx_new(0));
  const auto require = [&](int result) {
    if (result != SPNG_OK) fail_decoding(path, spng_strerror(result));
  };
  require(context ? SPNG_OK : SPNG_EMEM);
  // Text, profiles and the like are of no use here: one chunk of them may take as much as the file could hold unpacked.
  constexpr std::size_t chunk_limit = std::size_t{1} << 22;
  require(spng_set_chunk_limits(context.get(), chunk_limit, 2 * chunk_limit));
  require(spng_set_png_buffer(context.get(), file.data(), file.size()));
  spng_ihdr header{};
  require(spng_get_ihdr(context.get(), &header));
  require_readable_size(path, header.width, header.height);
  Image image{.height = header.height, .width = header.width, .channels = 4, .pixels = {}};
  image.pixels.resize(static_cast<std::size_t>(image.width * image.height * image.channels));
  require(spng_decode_image(context.get(), image.pixels.data(), image.pixels.size(), SPNG_FMT_RGBA8, SPNG_DECODE_TRNS));
  require(spng_decode_chunks(context.get()));
  return image;
}

}  // namespace emotrain::data
