#include "emotrain/ops/norm.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "ops/naive.hpp"

/// Expected numbers: PyTorch 1.13.1 in float64, for x = sin(0), sin(1), ...
namespace emotrain::test {
namespace {

Tensor sines(const Shape& shape) {
  Tensor x = Tensor::empty(shape);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<Real>(std::sin(static_cast<double>(i)));
  return x;
}

Tensor row(double a, double b, double c) {
  return Tensor::from({3}, std::vector<Real>{static_cast<Real>(a), static_cast<Real>(b), static_cast<Real>(c)});
}

const Tensor weight = row(0.5, -1, 2);
const Tensor bias = row(0.1, 0.2, -0.3);

/// Place (1, c, 0, 1) for each channel of a (2, 3, 2, 2) tensor.
std::vector<Real> picked(const Tensor& y) { return {y.data()[13], y.data()[17], y.data()[21]}; }

}  // namespace

TEST_CASE("batch norm, in training and in use, equals PyTorch's") {
  const Tensor mean = row(0.1, -0.2, 0.3);
  const Tensor variance = row(1, 0.5, 2);
  const Tensor x = sines({2, 3, 2, 2});
  CHECK(largest_miss(picked(ops::batch_norm(x, weight, bias, mean, variance, false)),
                     {0.26008271800173149, 1.2767678917478482, 0.45894378498459315}) < tolerance);
  CHECK(largest_miss(mean.values(), {0.1, -0.2, 0.3}) < tolerance);
  CHECK(largest_miss(picked(ops::batch_norm(x, weight, bias, mean, variance, true)),
                     {0.093058045576389761, 1.2440591012082138, 1.6537599363501767}) < tolerance);
  CHECK(largest_miss(mean.values(), {0.13270472167964548, -0.21985708143880689, 0.27939993237778971}) < tolerance);
  CHECK(largest_miss(variance.values(), {0.92806405036816542, 0.48321055886065323, 1.8660507541686215}) < tolerance);
}

TEST_CASE("group and layer norm equal PyTorch's") {
  const Tensor x = sines({2, 3, 2, 2});
  CHECK(largest_miss(picked(ops::group_norm(x, 1, weight, bias)), {0.37080056026354163, 1.6656169218697969, 1.9934004162876677}) <
        tolerance);
  CHECK(largest_miss(picked(ops::group_norm(x, 3, weight, bias)), {0.13440828882669595, 1.3615173998518428, 1.4127736373952884}) <
        tolerance);
  const Tensor y = ops::layer_norm(sines({8, 3}), weight, bias);
  CHECK(largest_miss(y.values().subspan(15, 3), {0.74300538791187465, 0.33349790555065334, -2.6050257405461923}) < tolerance);
}

TEST_CASE("a large mean does not drown the variance") {
  const Tensor x = Tensor::from({4, 1}, std::vector<Real>{10001, 10002, 10003, 10004});
  const Tensor one = Tensor::full({1}, 1);
  const Tensor zero = Tensor::zeros({1});
  const Tensor y = ops::batch_norm(x, one, zero, Tensor::zeros({1}), Tensor::full({1}, 1), true, 0.1, 0);
  const double s = std::sqrt(1.25);
  CHECK(largest_miss(y.values(), {-1.5 / s, -0.5 / s, 0.5 / s, 1.5 / s}) < tolerance);
}

}  // namespace emotrain::test
