#include "emotrain/data/picture.hpp"

#include <algorithm>
#include <vector>

#include "data/image.hpp"

namespace emotrain::data {

void read_picture(const std::filesystem::path& path, const Shape& sample_shape, Real* values) {
  const Image image = resize(read_image(path, sample_shape[0]), sample_shape[1], sample_shape[2]);
  std::vector<std::uint8_t> planes(static_cast<std::size_t>(sample_shape.size()));
  copy_planes(image, 0, 0, image.height, image.width, planes.data());
  std::ranges::transform(planes, values, [](std::uint8_t byte) { return static_cast<Real>(byte) / 255; });
}

}  // namespace emotrain::data
