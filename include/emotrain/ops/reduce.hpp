#pragma once
#include <span>

#include "emotrain/core/tensor.hpp"

namespace emotrain::ops {

/// Sum, mean or maximum over the given axes (negative ones count from the end; none given: all). Reduced axes vanish, or keep extent 1.
Tensor sum(const Tensor& x, std::span<const int> axes = {}, bool keep = false);
Tensor mean(const Tensor& x, std::span<const int> axes = {}, bool keep = false);
/// The gradient goes to the first maximum.
Tensor max(const Tensor& x, std::span<const int> axes = {}, bool keep = false);

/// exp(x) / sum exp(x) along one axis, and its logarithm; shifted by the maximum, so that nothing overflows.
Tensor softmax(const Tensor& x, int axis = -1);
Tensor log_softmax(const Tensor& x, int axis = -1);

}  // namespace emotrain::ops
