#pragma once
#include <cstdint>

#include "emotrain/core/real.hpp"

namespace emotrain::kernels {

enum class Loss { squared, absolute, huber, bce_with_logits, gaussian_nll, kl_gaussian };

/// Losses of elements: value[i] = l(a[i], b[i], target[i]).
///
///     squared          (a - target)^2
///     absolute         |a - target|
///     huber            d = |a - target|: d <= parameter ? d^2 / 2 : parameter (d - parameter / 2)
///     bce_with_logits  max(a, 0) - a target + log(1 + exp(-|a|))
///     gaussian_nll     (log v + (target - a)^2 / v) / 2, v = max(b, parameter)
///     kl_gaussian      (a^2 + exp(b) - 1 - b) / 2
struct LossArguments {
  const Real* a;
  const Real* b = nullptr;
  const Real* target = nullptr;
  double parameter = 0;
};

/// What to write, each n values or null: the losses, and their derivatives by a and b (that of b only where the loss has a b;
/// gaussian_nll's ignores the clamp).
struct LossResults {
  Real* value = nullptr;
  Real* by_a = nullptr;
  Real* by_b = nullptr;
};

/// Returns the sum of the losses, added up in float64.
double loss(Loss kind, const LossArguments& arguments, const LossResults& results, Index n);

/// Row by row, with q = (1 - smoothing) onehot(label) + smoothing / classes: value[r] = -sum_c q_c log softmax(logits)_c (value may be
/// null) and by_logits = softmax(logits) - q. Returns the sum of the losses, added up in float64.
double cross_entropy(const Real* logits, const std::int32_t* labels, Index rows, Index classes, double smoothing, Real* value,
                     Real* by_logits);

}  // namespace emotrain::kernels
