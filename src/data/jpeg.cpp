#include <turbojpeg.h>

#include <memory>
#include <type_traits>

#include "data/image_decoders.hpp"

namespace emotrain::data {
namespace {

/// Cyan, magenta, yellow and black as Adobe writes them: 255 is no ink.
void cmyk_to_rgba(Image& image) {
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    std::uint8_t* pixel = image.pixels.data() + i;
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>((pixel[c] * pixel[3] + 127) / 255);
    pixel[3] = 255;
  }
}

}  // namespace

Image decode_jpeg(const std::filesystem::path& path, std::string_view file) {
  struct Free {
    void operator()(tjhandle handle) const noexcept { tjDestroy(handle); }
  };
  const std::unique_ptr<std::remove_pointer_t<tjhandle>, Free> decoder(tjInitDecompress());
  const auto require = [&](int result) {
    if (result != 0) fail_decoding(path, tjGetErrorStr2(decoder.get()));
  };
  require(decoder ? 0 : -1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(file.data());
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colours = 0;
  require(tjDecompressHeader3(decoder.get(), bytes, file.size(), &width, &height, &subsampling, &colours));
  require_readable_size(path, width, height);
  Image image{.height = height, .width = width, .channels = 4, .pixels = {}};
  image.pixels.resize(static_cast<std::size_t>(image.width * image.height * image.channels));
  const bool inks = colours == TJCS_CMYK || colours == TJCS_YCCK;
  require(tjDecompress2(decoder.get(), bytes, file.size(), image.pixels.data(), width, 0, height, inks ? TJPF_CMYK : TJPF_RGBA,
                        TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS));
  if (inks) cmyk_to_rgba(image);
  return image;
}

}  // namespace emotrain::data
