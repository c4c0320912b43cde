#pragma once
#include <cstdint>

#include "emotrain/core/real.hpp"

/// Pooling of `planes` images of height x width; `planes` is samples times channels.
namespace emotrain::kernels {

struct Pooling {
  Index planes, height, width;
  Index kernel, stride, padding;
  Index out_height, out_width;

  /// Windows of 2x2 that do not overlap: the case that is vectorised.
  bool is_2x2() const { return kernel == 2 && stride == 2 && padding == 0; }
};

/// y = the maximum of each window. `place` is where the first maximum is, row by row within the image; NaN counts as larger than any
/// number.
void max_pool(const Real* x, Real* y, std::int32_t* place, const Pooling& p);
void max_pool_backward(const Real* g, const std::int32_t* place, Real* dx, const Pooling& p);
/// The same for p.is_2x2(), where `place` is the number of the maximum within its window, 0..3.
void max_pool_2x2(const Real* x, Real* y, std::uint8_t* place, const Pooling& p);
void max_pool_2x2_backward(const Real* g, const std::uint8_t* place, Real* dx, const Pooling& p);

/// y = the sum of each window / kernel^2.
void avg_pool(const Real* x, Real* y, const Pooling& p);
void avg_pool_backward(const Real* g, Real* dx, const Pooling& p);

/// Each pixel of x (planes, height, width) becomes factor x factor pixels of y.
void upsample(const Real* x, Real* y, Index planes, Index height, Index width, Index factor);
void upsample_backward(const Real* g, Real* dx, Index planes, Index height, Index width, Index factor);

}  // namespace emotrain::kernels
