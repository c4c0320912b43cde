#pragma once
#include "emotrain/core/real.hpp"

namespace emotrain::nn {

/// How many places a window has along an axis that is not shorter than it.
inline Index window_places(Index extent, Index kernel, Index stride, Index padding) { return (extent + 2 * padding - kernel) / stride + 1; }

/// The extent that a transposed convolution makes of an axis.
inline Index transposed_extent(Index extent, Index kernel, Index stride, Index padding, Index output_padding) {
  return (extent - 1) * stride - 2 * padding + kernel + output_padding;
}

}  // namespace emotrain::nn
