#pragma once
#include <functional>
#include <string>
#include <vector>

#include "emotrain/core/tensor.hpp"

/// One row an op: what to call, and the configurations in which it is checked. The same rows drive the comparison with central differences
/// (double), and the checks of accumulation, of the reuse of the tape and of independence from the number of threads (both scalar types).
namespace emotrain::test {

using Inputs = std::vector<Tensor>;
using Numbers = std::vector<Index>;

struct Config {
  /// Of the inputs that get gradients.
  std::vector<Shape> shapes;
  /// Axis, stride, ... as the row's function reads them.
  Numbers numbers = {};
};

/// Values of the inputs: N(0, 1); exp(N(0, 1) / 2); or distinct values at least 1 / size apart and half that away from 0, for functions
/// with kinks.
enum class Draw { normal, positive, distinct };

struct OpRow {
  const char* name;
  Draw draw;
  std::vector<Config> configs;
  std::function<Tensor(const Inputs&, const Numbers&)> apply;
  /// Large enough to be cut into several tasks.
  std::vector<Config> large = {};
};

/// Draws inputs for a configuration; all require a gradient.
Inputs draw_inputs(const OpRow& row, const Config& config);
/// The configuration as a line for messages.
std::string describe(const OpRow& row, const Config& config);

/// Configurations of one input for ops that treat all elements alike: ranks 0 to 6, sizes around those of vector registers.
std::vector<Config> any_shape();
/// The same shapes for several inputs of equal shape, with the given numbers in turn.
std::vector<Config> any_shape(std::size_t inputs, const std::vector<Numbers>& numbers);

/// Values without a gradient that stay at least 1 / (2 size) away from the elements of an input drawn `distinct`.
Tensor target_between(const Shape& shape);
/// Uniform in [0, 1), without a gradient.
Tensor uniform_target(const Shape& shape);

std::vector<OpRow> elementwise_rows();
std::vector<OpRow> reduce_rows();
std::vector<OpRow> structure_rows();
std::vector<OpRow> pool_rows();
std::vector<OpRow> norm_rows();
std::vector<OpRow> loss_rows();
std::vector<OpRow> matmul_rows();
std::vector<OpRow> conv_rows();

/// The table.
const std::vector<OpRow>& all_rows();

}  // namespace emotrain::test
