#pragma once
#include <span>
#include <vector>

#include "emotrain/core/tensor.hpp"

namespace emotrain::train {

/// The L2 norm of all gradients together, one pass over them: squares are added in tiles whose extent depends on the tensors alone, and the
/// tiles' sums in their order, so the result does not depend on the number of threads.
class GradientNorm {
 public:
  explicit GradientNorm(std::span<const Tensor> parameters);

  /// sqrt(sum g^2) over the parameters that have a gradient; not finite if and only if some g is not. Allocates nothing.
  double operator()();

 private:
  struct Tile {
    std::size_t parameter;
    Index first;
    Index count;
  };
  std::vector<Tensor> parameters_;
  std::vector<Tile> tiles_;
  std::vector<double> sums_;
};

/// Multiplies all gradients by `factor`.
void scale_gradients(std::span<const Tensor> parameters, double factor);

/// g <- min(max(g, -limit), limit) for each element, as torch.nn.utils.clip_grad_value_.
void clamp_gradients(std::span<const Tensor> parameters, double limit);

}  // namespace emotrain::train
