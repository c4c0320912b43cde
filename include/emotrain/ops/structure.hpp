#pragma once
#include <span>

#include "emotrain/core/tensor.hpp"

namespace emotrain::ops {

/// Swaps two axes; the result is contiguous (a copy).
Tensor transpose(const Tensor& x, int axis_a, int axis_b);
/// Same values under another shape; at most one extent may be -1 (what is left). Shares memory.
Tensor reshape(const Tensor& x, std::span<const Index> extents);
/// (n, ...) -> (n, rest).
Tensor flatten(const Tensor& x);
/// Elements [first, last) along an axis.
Tensor slice(const Tensor& x, int axis, Index first, Index last);
Tensor concat(std::span<const Tensor> parts, int axis);

}  // namespace emotrain::ops
