#pragma once
#include "emotrain/core/tensor.hpp"

namespace emotrain::ops {

/// (x - mean) / sqrt(var + eps) * weight + bias per channel (axis 1) of x (n, c) or (n, c, h, w). While training, mean and (biased)
/// variance are the batch's, and running_* <- (1 - momentum) running_* + momentum * batch's (unbiased variance), as in PyTorch; otherwise
/// running_*.
Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean, const Tensor& running_var,
                  bool training, double momentum = 0.1, double eps = 1e-5);
/// Statistics over each sample's group of channels; x (n, c, ...), weight and bias (c).
Tensor group_norm(const Tensor& x, Index groups, const Tensor& weight, const Tensor& bias, double eps = 1e-5);
/// Statistics over the last axis; weight and bias have its extent.
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps = 1e-5);

}  // namespace emotrain::ops
