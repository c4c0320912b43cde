#include "data/image.hpp"

#include "fuzz/target.hpp"

/// A PNG or JPEG file, as grey and as RGB.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace emotrain;
  const fuzz::InputPath path(bytes, size);
  for (const Index channels : {1, 3}) {
    fuzz::may_refuse({ErrorKind::data}, [&] {
      const data::Image image = data::read_image(path.str(), channels);
      fuzz::require(image.channels == channels && image.height > 0 && image.width > 0, "an image has pixels");
      fuzz::require(image.pixels.size() == static_cast<std::size_t>(image.height * image.width * channels), "as many as its size says");
    });
  }
  return 0;
}
