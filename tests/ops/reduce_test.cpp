#include "emotrain/ops/reduce.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "emotrain/autograd/tape.hpp"
#include "ops/naive.hpp"
#include "ops/op_table.hpp"

namespace emotrain::test {
namespace {

/// Folds the elements of x into the places that remain, in memory order.
Doubles fold(const Tensor& x, const Numbers& numbers, double start, const std::function<double(double, double)>& f) {
  Shape kept = x.shape();
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (numbers.size() == 1) kept.set(axis, 1);
  }
  for (std::size_t i = 1; i < numbers.size(); ++i) kept.set(static_cast<int>(numbers[i]), 1);
  Doubles result(static_cast<std::size_t>(kept.size()), start);
  for_places(x.shape(), [&](const Place& place) {
    Index to = 0;
    for (int axis = 0; axis < x.rank(); ++axis) to = to * kept[axis] + (kept[axis] == 1 ? 0 : place[static_cast<std::size_t>(axis)]);
    double& total = result[static_cast<std::size_t>(to)];
    total = f(total, at(x, place));
  });
  return result;
}

}  // namespace

TEST_CASE("sum, mean and max over any axes") {
  const autograd::NoGrad guard;
  for (const OpRow& row : reduce_rows()) {
    const std::string_view name = row.name;
    if (name.find("softmax") != std::string_view::npos) continue;
    for (const Config& config : row.configs) {
      INFO(describe(row, config));
      const Inputs in = draw_inputs(row, config);
      const Tensor y = row.apply(in, config.numbers);
      Doubles expected = name == "max" ? fold(in[0], config.numbers, -HUGE_VAL, [](double a, double b) { return std::max(a, b); })
                                       : fold(in[0], config.numbers, 0, std::plus<>());
      if (name == "mean") {
        for (double& value : expected) value *= static_cast<double>(y.size()) / static_cast<double>(in[0].size());
      }
      CHECK(largest_miss(y.values(), expected) < tolerance);
    }
  }
}

TEST_CASE("a long sum is rounded once") {
  const Tensor x = Tensor::full({3000001}, Real(0.1));
  const double exact = 3000001 * static_cast<double>(Real(0.1));
  CHECK(static_cast<double>(ops::sum(x).item()) == doctest::Approx(exact).epsilon(sizeof(Real) == 4 ? 6e-8 : 1e-13));
  CHECK(static_cast<double>(ops::mean(x).item()) == doctest::Approx(static_cast<double>(Real(0.1))).epsilon(1e-7));
}

TEST_CASE("the first of equal maxima gets the gradient; a NaN is the maximum") {
  const Tensor x = Tensor::from({2, 4}, std::vector<Real>{1, 3, 3, 2, 5, 5, 5, 5});
  x.set_requires_grad(true);
  autograd::backward(ops::sum(ops::max(x, std::vector<int>{1})));
  CHECK(largest_miss(x.grad(), {0, 1, 0, 0, 1, 0, 0, 0}) == 0);
  const Real nan = std::numeric_limits<Real>::quiet_NaN();
  CHECK(std::isnan(ops::max(Tensor::from({3}, std::vector<Real>{1, nan, 2})).item()));
}

TEST_CASE("softmax and its logarithm along any axis") {
  const autograd::NoGrad guard;
  for (const OpRow& row : reduce_rows()) {
    const bool logarithm = std::string_view(row.name) == "log_softmax";
    if (!logarithm && std::string_view(row.name) != "softmax") continue;
    for (const Config& config : row.configs) {
      INFO(describe(row, config));
      const Inputs in = draw_inputs(row, config);
      const Tensor& x = in[0];
      const int axis = x.shape().resolve(static_cast<int>(config.numbers[0]));
      const Doubles expected = tabulate(x.shape(), [&](const Place& place) {
        double total = 0;
        Place other = place;
        for (Index k = 0; k < x.shape()[axis]; ++k) {
          other[static_cast<std::size_t>(axis)] = k;
          total += std::exp(at(x, other));
        }
        return logarithm ? at(x, place) - std::log(total) : std::exp(at(x, place)) / total;
      });
      CHECK(largest_miss(row.apply(in, config.numbers).values(), expected) < tolerance);
    }
  }
}

TEST_CASE("softmax does not overflow") {
  const Tensor x = Tensor::from({1, 3}, std::vector<Real>{10000, 0, 10000});
  CHECK(largest_miss(ops::softmax(x).values(), {0.5, 0, 0.5}) < tolerance);
  CHECK(largest_miss(ops::log_softmax(x).values(), {-std::log(2.0), -10000 - std::log(2.0), -std::log(2.0)}) < tolerance);
}

}  // namespace emotrain::test
