#pragma once
#include <cstdint>
#include <span>

#include "emotrain/core/random.hpp"
#include "emotrain/core/tensor.hpp"

namespace emotrain::ops {

/// As in PyTorch: `none` keeps the elements, `mean` and `sum` are over all elements (cross-entropy: over the samples).
enum class Reduction { none, mean, sum };

/// -sum_c q_c log softmax(logits)_c with q = (1 - s) onehot + s / classes; logits (n, classes), labels in [0, classes).
Tensor cross_entropy(const Tensor& logits, std::span<const std::int32_t> labels, double label_smoothing, Reduction reduction);
/// (x - t)^2, |x - t|, and Huber's: d = |x - t|: d <= delta ? d^2 / 2 : delta (d - delta / 2). Targets get no gradient.
Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction reduction);
Tensor l1_loss(const Tensor& x, const Tensor& target, Reduction reduction);
Tensor huber_loss(const Tensor& x, const Tensor& target, double delta, Reduction reduction);
/// max(x, 0) - x t + log(1 + exp(-|x|)), t in [0, 1].
Tensor bce_with_logits(const Tensor& logits, const Tensor& target, Reduction reduction);
/// (log v + (t - x)^2 / v) / 2 with v = max(variance, eps), as torch.nn.GaussianNLLLoss (full=False); variance has x's shape. As there,
/// the gradient of the variance ignores the clamp.
Tensor gaussian_nll(const Tensor& x, const Tensor& target, const Tensor& variance, double eps, Reduction reduction);
/// KL(N(mean, exp(log_variance)) || N(0, 1)) per element: -(1 + lv - mean^2 - exp(lv)) / 2.
Tensor kl_diagonal_gaussian(const Tensor& mean, const Tensor& log_variance, Reduction reduction);
/// mean + exp(log_variance / 2) * e with e ~ N(0, 1), a pure function of (key, step).
Tensor sample_gaussian(const Tensor& mean, const Tensor& log_variance, const RandomKey& key, std::uint64_t step);

/// How a decoder's output is read: as logits of Bernoulli pixels, or as means of Gaussian pixels with variance 1/2 (squared error).
enum class Likelihood { bernoulli, gaussian };
/// Negative ELBO: (sum over pixels of the reconstruction's loss + beta * sum over latents of the KL), averaged over the batch:
/// nats per image for Likelihood::bernoulli and beta = 1.
Tensor negative_elbo(const Tensor& output, const Tensor& target, const Tensor& mean, const Tensor& log_variance, double beta,
                     Likelihood likelihood);

}  // namespace emotrain::ops
