#include "emotrain/train/gradient_norm.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "emotrain/core/random.hpp"
#include "emotrain/core/threads.hpp"

using namespace emotrain;

namespace {

/// Parameters of these sizes with normal gradients times `scale`.
std::vector<Tensor> with_gradients(std::initializer_list<Index> sizes, Real scale) {
  std::vector<Tensor> parameters;
  for (const Index size : sizes) {
    const Tensor parameter = Tensor::zeros({size});
    Real* gradient = parameter.grad_sink().data;
    fill_normal({.seed = 3, .substream = static_cast<std::uint32_t>(size)}, 0, gradient, size, 0, 1);
    for (Index i = 0; i < size; ++i) gradient[i] *= scale;
    parameters.push_back(parameter);
  }
  return parameters;
}

double norm_in_double(const std::vector<Tensor>& parameters) {
  double sum = 0;
  for (const Tensor& parameter : parameters) {
    for (const Real g : parameter.grad()) sum += double{g} * double{g};
  }
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("the norm is that of all gradients, at any scale and size") {
  for (const Real scale : {Real(1), Real(1e-30), Real(1e-42), Real(1e30), Real(0)}) {
    for (const auto& sizes : {std::initializer_list<Index>{1}, {63, 64, 65}, {1023, 1025, 16383}, {16384, 16385, 7}, {400'000, 3}}) {
      const auto parameters = with_gradients(sizes, scale);
      train::GradientNorm norm(parameters);
      const double expected = norm_in_double(parameters);
      CAPTURE(scale);
      CAPTURE(*sizes.begin());
      CHECK(std::abs(norm() - expected) <= 1e-6 * expected);
    }
  }
}

TEST_CASE("the norm does not depend on the number of threads") {
  const auto parameters = with_gradients({300'001, 17, 50'000}, 1);
  train::GradientNorm norm(parameters);
  set_threads(1);
  const double alone = norm();
  for (const int count : {2, 4, 1}) {
    set_threads(count);
    CHECK(norm() == alone);
  }
}

TEST_CASE("the norm is not finite if and only if a gradient is not; parameters without a gradient do not count") {
  const auto parameters = with_gradients({100, 70'000}, std::numeric_limits<Real>::max() / 8);
  train::GradientNorm norm(parameters);
  CHECK(std::isfinite(norm()));
  for (const Real bad :
       {std::numeric_limits<Real>::infinity(), -std::numeric_limits<Real>::infinity(), std::numeric_limits<Real>::quiet_NaN()}) {
    for (const std::size_t place : {std::size_t{0}, std::size_t{65'000}, std::size_t{69'999}}) {
      Real& value = parameters[1].grad()[place];
      const Real before = std::exchange(value, bad);
      CHECK(!std::isfinite(norm()));
      value = before;
    }
  }
  parameters[1].clear_grad();
  CHECK(norm() == doctest::Approx(norm_in_double({parameters[0]})));
}

TEST_CASE("scaling multiplies every gradient") {
  const auto parameters = with_gradients({5, 1000}, 1);
  const double before = norm_in_double(parameters);
  train::scale_gradients(parameters, 0.25);
  CHECK(norm_in_double(parameters) == doctest::Approx(before / 4));
}
