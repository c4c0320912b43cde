#pragma once
#include "emotrain/core/random.hpp"
#include "emotrain/core/tensor.hpp"

namespace emotrain::ops {

/// a + b, a - b, a * b, a / b with NumPy's broadcasting. The gradient of a broadcast input is summed over the broadcast axes.
Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);
/// scale * x + shift.
Tensor affine(const Tensor& x, Real scale, Real shift);
Tensor neg(const Tensor& x);

Tensor exp(const Tensor& x);
/// Natural logarithm.
Tensor log(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor square(const Tensor& x);
Tensor tanh(const Tensor& x);
/// 1 / (1 + exp(-x)).
Tensor sigmoid(const Tensor& x);
Tensor relu(const Tensor& x);
/// x > 0 ? x : slope * x.
Tensor leaky_relu(const Tensor& x, Real slope = Real(0.01));
/// x * Phi(x) with the exact normal distribution function (torch's default, approximate='none').
Tensor gelu(const Tensor& x);
/// x * sigmoid(x).
Tensor silu(const Tensor& x);
/// log(1 + exp(x)), without overflow.
Tensor softplus(const Tensor& x);

/// Zeroes each value with the given probability and scales the others by 1 / (1 - probability). The mask is a pure function of
/// (key, step): see core/random.hpp. 0 <= probability < 1.
Tensor dropout(const Tensor& x, double probability, const RandomKey& key, std::uint64_t step);

}  // namespace emotrain::ops
