#pragma once
#include "emotrain/core/tensor.hpp"

namespace emotrain::ops {

struct PoolOptions {
  Index kernel = 2;
  Index stride = 2;
  /// At most kernel / 2. Padded places never win a maximum; an average counts them as zeros (torch's count_include_pad=True).
  Index padding = 0;
};

/// x (n, c, h, w) -> (n, c, (h + 2 padding - kernel) / stride + 1, ...). The gradient goes to the first maximum of a window.
Tensor max_pool2d(const Tensor& x, const PoolOptions& options);
Tensor avg_pool2d(const Tensor& x, const PoolOptions& options);
/// Repeats each pixel `factor` times in both directions.
Tensor upsample_nearest2d(const Tensor& x, Index factor);

}  // namespace emotrain::ops
