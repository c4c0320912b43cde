#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/core/function_ref.hpp"
#include "emotrain/core/random.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "emotrain/ops/reduce.hpp"

namespace emotrain::test {

/// Weights for the elements of an output, so that every element's gradient counts: N(0, 1), without a gradient of their own.
inline Tensor output_weights(const Shape& shape) {
  Tensor weights = Tensor::empty(shape);
  fill_normal({.seed = 17, .stream = Stream::test, .substream = 1}, 0, weights.data(), weights.size(), 0, 1);
  return weights;
}

inline Tensor weighted_sum(const Tensor& output) { return ops::sum(ops::mul(output, output_weights(output.shape()))); }

/// Compares the gradient of sum(w * f()) by every element of the inputs that require one with central differences, at the tolerances of
/// PyTorch's gradcheck: |analytic - numeric| <= 1e-5 + 1e-3 |numeric|, step 1e-6. Empty if all agree, else the worst element.
inline std::string gradient_mismatch(const std::vector<Tensor>& inputs, FunctionRef<Tensor()> f) {
  constexpr double eps = 1e-6;
  constexpr double absolute = 1e-5;
  constexpr double relative = 1e-3;
  for (const Tensor& input : inputs) input.clear_grad();
  autograd::backward(weighted_sum(f()));
  const autograd::NoGrad guard;
  const Tensor weights = output_weights(f().shape());
  const auto value = [&] {
    const Tensor y = f();
    double sum = 0;
    for (Index i = 0; i < y.size(); ++i) sum += static_cast<double>(y.data()[i]) * static_cast<double>(weights.data()[i]);
    return sum;
  };
  std::string report;
  double worst = 1;
  for (std::size_t number = 0; number < inputs.size(); ++number) {
    const Tensor& input = inputs[number];
    if (!input.requires_grad()) continue;
    if (!input.has_grad()) return fmt::format("input {} got no gradient", number);
    for (Index i = 0; i < input.size(); ++i) {
      Real& x = input.data()[i];
      const Real before = x;
      x = before + static_cast<Real>(eps);
      const double up = value();
      x = before - static_cast<Real>(eps);
      const double down = value();
      x = before;
      const double numeric = (up - down) / (2 * eps);
      const auto analytic = static_cast<double>(input.grad()[static_cast<std::size_t>(i)]);
      const double miss = std::abs(analytic - numeric) / (absolute + relative * std::abs(numeric));
      if (miss <= worst) continue;  // false for NaN, which is a mismatch too
      worst = std::isnan(miss) ? HUGE_VAL : miss;
      report =
          fmt::format("input {} of shape {}, element {}: analytic {:.9g}, numeric {:.9g}", number, input.shape(), i, analytic, numeric);
    }
  }
  return report;
}

}  // namespace emotrain::test
