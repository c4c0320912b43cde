#pragma once
#include "emotrain/core/real.hpp"

namespace emotrain::kernels {

/// x (samples, channels, inner).
struct Channels {
  Index samples, channels, inner;
  Index size() const { return samples * channels * inner; }
};

/// Mean and biased variance of each channel, in two passes.
void channel_moments(const Real* x, const Channels& c, double* mean, double* variance);

/// y = (x - mean) * scale * weight + bias; mean and scale (= 1 / standard deviation) belong to a channel.
void batch_norm(const Real* x, const Channels& c, const double* mean, const double* scale, const Real* weight, const Real* bias, Real* y);

/// What a backward pass writes; null where no gradient is wanted.
struct NormGradients {
  Real* x;
  Real* weight;
  Real* bias;
};
/// `by_batch`: whether mean and scale were the batch's own, so that they have gradients too.
void batch_norm_backward(const Real* x, const Real* g, const Channels& c, const double* mean, const double* scale, const Real* weight,
                         bool by_batch, const NormGradients& out);

/// The same with the statistics of each sample's `groups` groups of channels; mean and scale (samples, groups) are outputs.
void group_norm(const Real* x, const Channels& c, Index groups, double eps, const Real* weight, const Real* bias, double* mean,
                double* scale, Real* y);
void group_norm_backward(const Real* x, const Real* g, const Channels& c, Index groups, const double* mean, const double* scale,
                         const Real* weight, const NormGradients& out);

}  // namespace emotrain::kernels
