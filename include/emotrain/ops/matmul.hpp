#pragma once
#include "emotrain/core/tensor.hpp"

namespace emotrain::ops {

/// What may be fused behind a linear or convolution layer: the mask is taken from the result in the backward pass.
enum class Activation { none, relu };

/// Matrix product of a (m,k) and b (k,n).
Tensor matmul(const Tensor& a, const Tensor& b);
/// activation(x · weightᵀ + bias): x (batch, in), weight (out, in), bias (out) or undefined; result (batch, out).
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation = Activation::none);

}  // namespace emotrain::ops
