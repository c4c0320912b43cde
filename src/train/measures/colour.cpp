#include "train/measures/colour.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "emotrain/core/threads.hpp"

namespace emotrain::train {
namespace {

double linear(double value) { return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4); }

/// Weights of red, green and blue, divided by their sum: a part of white.
struct Tristimulus {
  double red;
  double green;
  double blue;
  double of(double r, double g, double b) const { return (red * r + green * g + blue * b) / (red + green + blue); }
};
constexpr Tristimulus x_weights{0.4124564, 0.3575761, 0.1804375};
constexpr Tristimulus y_weights{0.2126729, 0.7151522, 0.0721750};
constexpr Tristimulus z_weights{0.0193339, 0.1191920, 0.9503041};

double lab_curve(double t) {
  constexpr double delta = 6.0 / 29;
  return t > delta * delta * delta ? std::cbrt(t) : t / (3 * delta * delta) + 4.0 / 29;
}

/// Pixel i of an image (3, pixels).
Lab lab_of_pixel(const Real* image, Index pixels, Index i) {
  const auto value = [&](Index channel) { return std::clamp(double{image[channel * pixels + i]}, 0.0, 1.0); };
  return lab_of_srgb(value(0), value(1), value(2));
}

}  // namespace

Lab lab_of_srgb(double red, double green, double blue) {
  const double r = linear(red);
  const double g = linear(green);
  const double b = linear(blue);
  const double x = lab_curve(x_weights.of(r, g, b));
  const double y = lab_curve(y_weights.of(r, g, b));
  const double z = lab_curve(z_weights.of(r, g, b));
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

ColourDistance colour_distance(const Lab& one, const Lab& other) {
  const double chromatic = std::hypot(one.a - other.a, one.b - other.b);
  return {std::hypot(one.l - other.l, chromatic), chromatic};
}

ColourDistance colour_distance(std::span<const Real> one, std::span<const Real> other, Index pixels) {
  std::vector<ColourDistance> of_image(one.size() / static_cast<std::size_t>(3 * pixels));
  parallel_for(static_cast<Index>(of_image.size()), [&](Index image) {
    ColourDistance& sum = of_image[static_cast<std::size_t>(image)];
    for (Index i = 0; i < pixels; ++i) {
      const Index first = image * 3 * pixels;
      const ColourDistance distance =
          colour_distance(lab_of_pixel(one.data() + first, pixels, i), lab_of_pixel(other.data() + first, pixels, i));
      sum.all += distance.all;
      sum.chromatic += distance.chromatic;
    }
  });
  ColourDistance sum;
  for (const ColourDistance& part : of_image) {
    sum.all += part.all;
    sum.chromatic += part.chromatic;
  }
  return sum;
}

}  // namespace emotrain::train
