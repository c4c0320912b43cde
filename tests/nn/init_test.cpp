#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "emotrain/nn/init.hpp"
#include "nn/layer_list.hpp"

namespace emotrain::test {
namespace {

using nn::Initializer;
using nn::InitScheme;

struct SchemeRow {
  InitScheme scheme;
  bool normal;
  double weight;  // bound, or deviation, of a weight with these fans
  double bias;    // bound; 0: all zeros
};

/// fan_in = 48 * 25 = 1200, fan_out = 64 * 25 = 1600.
const Shape weight_shape{64, 48, 5, 5};
const SchemeRow schemes[] = {
    {InitScheme::torch_default, false, 0.028867513459481288, 0.028867513459481288},
    {InitScheme::kaiming_normal, true, 0.040824829046386304, 0},
    {InitScheme::kaiming_uniform, false, 0.070710678118654752, 0},
    {InitScheme::xavier_normal, true, 0.026726124191242439, 0},
    {InitScheme::xavier_uniform, false, 0.046291004988627576, 0},
};

TEST_CASE("initial weights have the scheme's mean, deviation and bounds") {
  for (const SchemeRow& row : schemes) {
    CAPTURE(nn::init_names[static_cast<std::size_t>(row.scheme)]);
    Initializer init(row.scheme, 11);
    const Tensor weight = init.weight(weight_shape);
    const auto n = static_cast<double>(weight.size());
    double sum = 0;
    double squares = 0;
    double largest = 0;
    for (const Real value : weight.values()) {
      sum += value;
      squares += double{value} * value;
      largest = std::max(largest, std::abs(double{value}));
    }
    const double deviation = row.normal ? row.weight : row.weight / std::sqrt(3.0);
    CHECK(std::abs(sum / n) < 4 * deviation / std::sqrt(n));
    CHECK(std::sqrt(squares / n) == doctest::Approx(deviation).epsilon(0.01));
    if (row.normal) {
      CHECK(largest > 3.5 * deviation);
    } else {
      CHECK(largest <= row.weight * (1 + 1e-7));
      CHECK(largest > 0.999 * row.weight);
    }

    const Tensor bias = init.bias(1000, weight_shape);
    double bound = 0;
    for (const Real value : bias.values()) bound = std::max(bound, std::abs(double{value}));
    CHECK(bound <= row.bias * (1 + 1e-7));
    CHECK(bound >= 0.98 * row.bias);
  }
}

bool same(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::equal(a.values().begin(), a.values().end(), b.values().begin());
}

TEST_CASE("initial weights are a pure function of scheme, seed and the parameter's number") {
  for (const SchemeRow& row : schemes) {
    Initializer a(row.scheme, 1);
    Initializer b(row.scheme, 1);
    Initializer c(row.scheme, 2);
    const Tensor first = a.weight({4, 3});
    CHECK(same(first, b.weight({4, 3})));
    CHECK_FALSE(same(first, c.weight({4, 3})));
    const Tensor second = a.weight({4, 3});
    CHECK_FALSE(same(first, second));
    b.constant({7}, 1);  // has a number, too; a buffer has none
    b.buffer({7}, 1);
    a.weight({1, 1});
    CHECK(same(a.weight({4, 3}), [&] {
      b.weight({2, 2});
      return b.weight({4, 3});
    }()));
  }
}

TEST_CASE("a model is built the same again from the same seed, and otherwise from another") {
  const ModelText texts[] = {{"mlp"}, {"cnn"}, {"mlp_autoencoder"}, {"conv_autoencoder"}, {"conv_vae"}};
  for (const ModelText& text : texts) {
    CAPTURE(text.name);
    const auto a = parameters_of(*build(text, {1, 8, 8}, 10, 1));
    const auto b = parameters_of(*build(text, {1, 8, 8}, 10, 1));
    const auto c = parameters_of(*build(text, {1, 8, 8}, 10, 2));
    for (std::size_t i = 0; i < a.size(); ++i) {
      CAPTURE(a[i].name);
      CHECK(same(a[i].value, b[i].value));
      CHECK_FALSE(same(a[i].value, c[i].value));
    }
  }
}

TEST_CASE("a transposed convolution's fans are taken as PyTorch takes them") {
  // weight [in 2, out 50, 4, 4]: fan_in = 50 * 16
  const auto model =
      build({"sequential", {}, {{"conv_transpose2d", {{"out_channels", 50.}, {"kernel_size", 4.}}}, {"flatten"}}}, {2, 1, 1}, 800);
  double largest = 0;
  for (const auto& parameter : parameters_of(*model)) {
    for (const Real value : parameter.value.values()) largest = std::max(largest, std::abs(double{value}));
  }
  CHECK(largest <= 0.035355339059327376 * (1 + 1e-7));
  CHECK(largest > 0.99 * 0.035355339059327376);
}

TEST_CASE("counting takes no memory") {
  const std::size_t before = pool_bytes();
  Initializer counting = Initializer::counting();
  CHECK_FALSE(counting.weight({1 << 14, 1 << 13}).defined());
  CHECK_FALSE(counting.bias(1 << 14, {1 << 14, 1 << 13}).defined());
  CHECK_FALSE(counting.constant({5}, 1).defined());
  CHECK_FALSE(counting.buffer({5}, 1).defined());
  CHECK(counting.parameters() == 3);
  CHECK(pool_bytes() == before);
}

}  // namespace
}  // namespace emotrain::test
