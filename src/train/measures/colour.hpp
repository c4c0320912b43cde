#pragma once
#include <cstddef>
#include <span>

#include "emotrain/core/real.hpp"

namespace emotrain::train {

/// CIELAB (CIE 15) under the illuminant D65: lightness 0..100, green (-) to red (+), blue (-) to yellow (+).
struct Lab {
  double l;
  double a;
  double b;
};

/// Of a colour in sRGB, each part 0..1: made linear by the curve of IEC 61966-2-1, taken to XYZ by the matrix of its primaries (Lindbloom,
/// "RGB/XYZ matrices", 7 digits) and divided by XYZ of white, so that greys have a = b = 0;
///     l = 116 f(y) - 16, a = 500 (f(x) - f(y)), b = 200 (f(y) - f(z)),   f(t) = t^(1/3), below (6/29)^3: t / (3 (6/29)^2) + 4/29.
Lab lab_of_srgb(double red, double green, double blue);

/// How far two colours are apart; 1 is about what an eye can just tell (the difference of lightness less easily than that of colour).
struct ColourDistance {
  /// CIE76: sqrt(dl^2 + da^2 + db^2).
  double all = 0;
  /// Without the lightness: sqrt(da^2 + db^2).
  double chromatic = 0;
};
ColourDistance colour_distance(const Lab& one, const Lab& other);

/// Summed over the pixels of n images (n, 3, pixels) in sRGB; values beyond 0..1 are taken as 0 or 1. Independent of the number of threads.
ColourDistance colour_distance(std::span<const Real> one, std::span<const Real> other, Index pixels);

}  // namespace emotrain::train
