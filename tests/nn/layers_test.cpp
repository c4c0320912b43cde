#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/nn/sequential.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "emotrain/ops/reduce.hpp"
#include "nn/layer_list.hpp"

namespace emotrain::test {
namespace {

using nn::Context;
using nn::Initializer;
using nn::InitScheme;

struct LayerRow {
  LayerText layer;
  Shape sample;
  Shape result;
};

const LayerRow rows[] = {
    {{"linear", {{"out_features", 4.}}}, {7}, {4}},
    {{"linear", {{"out_features", 1.}, {"bias", 0.}}}, {1}, {1}},
    {{"conv2d", {{"out_channels", 4.}}}, {2, 5, 6}, {4, 3, 4}},
    {{"conv2d", {{"out_channels", 3.}, {"kernel_size", 5.}, {"stride", 3.}, {"padding", 2.}}}, {2, 8, 7}, {3, 3, 3}},
    {{"conv2d", {{"out_channels", 3.}, {"kernel_size", 1.}, {"bias", 0.}}}, {2, 1, 4}, {3, 1, 4}},
    {{"conv_transpose2d", {{"out_channels", 4.}}}, {2, 5, 6}, {4, 7, 8}},
    {{"conv_transpose2d", {{"out_channels", 3.}, {"kernel_size", 4.}, {"stride", 2.}, {"padding", 1.}}}, {2, 3, 5}, {3, 6, 10}},
    {{"conv_transpose2d", {{"out_channels", 1.}, {"stride", 2.}, {"padding", 1.}, {"output_padding", 1.}}}, {2, 4, 3}, {1, 8, 6}},
    {{"relu"}, {3, 2, 2}, {3, 2, 2}},
    {{"leaky_relu", {{"negative_slope", 0.2}}}, {5}, {5}},
    {{"gelu"}, {5}, {5}},
    {{"silu"}, {5}, {5}},
    {{"tanh"}, {5}, {5}},
    {{"sigmoid"}, {5}, {5}},
    {{"softplus"}, {5}, {5}},
    {{"max_pool2d"}, {3, 5, 4}, {3, 2, 2}},
    {{"max_pool2d", {{"kernel_size", 3.}, {"stride", 1.}, {"padding", 1.}}}, {3, 5, 4}, {3, 5, 4}},
    {{"avg_pool2d", {{"kernel_size", 3.}}}, {3, 7, 9}, {3, 2, 3}},
    {{"avg_pool2d", {{"kernel_size", 3.}, {"stride", 2.}, {"padding", 1.}}}, {3, 7, 8}, {3, 4, 4}},
    {{"batch_norm"}, {6}, {6}},
    {{"batch_norm", {{"momentum", 0.5}, {"eps", 1e-3}}}, {6, 3, 2}, {6, 3, 2}},
    {{"group_norm", {{"num_groups", 3.}}}, {6, 3, 2}, {6, 3, 2}},
    {{"layer_norm"}, {6}, {6}},
    {{"layer_norm", {{"eps", 1e-3}}}, {2, 3, 4}, {2, 3, 4}},
    {{"dropout", {{"p", 0.3}}}, {6}, {6}},
    {{"upsample"}, {2, 3, 4}, {2, 6, 8}},
    {{"upsample", {{"scale_factor", 3.}}}, {1, 1, 2}, {1, 3, 6}},
    {{"flatten"}, {2, 3, 4}, {24}},
    {{"flatten"}, {7}, {7}},
    {{"unflatten", {{"unflattened_size", std::vector<Index>{2, 3, 4}}}}, {24}, {2, 3, 4}},
    {{"unflatten", {{"unflattened_size", std::vector<Index>{7}}}}, {7}, {7}},
};

std::unique_ptr<nn::Module> build_layer(const LayerText& text, Shape& sample) {
  const Choice choice = choose(nn::layers(), text.type, text.settings);
  choice.options->check();
  Initializer init(InitScheme::torch_default, 3);
  return dynamic_cast<const nn::LayerOptions&>(*choice.options).build(sample, init);
}

TEST_CASE("what a layer says of its result's shape is the shape that it gives") {
  const autograd::NoGrad guard;
  std::vector<std::string> types;
  for (const LayerRow& row : rows) {
    CAPTURE(row.layer.type);
    CAPTURE(row.sample.str());
    types.push_back(row.layer.type);
    Shape sample = row.sample;
    const auto layer = build_layer(row.layer, sample);
    CHECK(sample.str() == row.result.str());
    const Tensor y = layer->forward(normal_batch(batch_shape(2, row.sample)), {});
    CHECK(y.shape().str() == batch_shape(2, row.result).str());
  }
  for (const OptionsEntry& entry : nn::layers().entries) CHECK(std::count(types.begin(), types.end(), entry.name) > 0);
}

struct FunctionRow {
  LayerText layer;
  double at_minus_two, at_one;
};

TEST_CASE("activations") {
  const FunctionRow functions[] = {
      {{"relu"}, 0, 1},
      {{"leaky_relu"}, -0.02, 1},
      {{"leaky_relu", {{"negative_slope", 0.5}}}, -1, 1},
      {{"gelu"}, -0.04550026389635842, 0.8413447460685429},
      {{"silu"}, -0.2384058440442351, 0.7310585786300049},
      {{"tanh"}, -0.9640275800758169, 0.7615941559557649},
      {{"sigmoid"}, 0.11920292202211755, 0.7310585786300049},
      {{"softplus"}, 0.1269280110429725, 1.3132616875182228},
  };
  const Real values[] = {-2, 1};
  const Tensor x = Tensor::from({1, 2}, values);
  for (const FunctionRow& row : functions) {
    CAPTURE(row.layer.type);
    Shape sample{2};
    const Tensor y = build_layer(row.layer, sample)->forward(x, {});
    CHECK(y.data()[0] == doctest::Approx(row.at_minus_two).epsilon(1e-6));
    CHECK(y.data()[1] == doctest::Approx(row.at_one).epsilon(1e-6));
  }
}

struct FusedRow {
  LayerText layer;
  Shape sample;
};

TEST_CASE("a relu that is fused into the layer before gives the same values and gradients as one of its own") {
  const FusedRow fused_rows[] = {
      {{"linear", {{"out_features", 19.}}}, {13}},
      {{"linear", {{"out_features", 5.}, {"bias", 0.}}}, {3}},
      {{"conv2d", {{"out_channels", 5.}, {"padding", 1.}}}, {3, 6, 7}},
      {{"conv2d", {{"out_channels", 18.}, {"stride", 2.}, {"bias", 0.}}}, {1, 9, 9}},
      {{"conv_transpose2d", {{"out_channels", 5.}, {"kernel_size", 4.}, {"stride", 2.}, {"padding", 1.}}}, {3, 4, 5}},
  };
  for (const FusedRow& row : fused_rows) {
    CAPTURE(row.layer.type);
    Shape sample = row.sample;
    nn::Sequential fused;
    fused.append(build_layer(row.layer, sample));
    fused.append<nn::Nonlinearity>(nn::Nonlinearity::Kind::relu);
    sample = row.sample;
    const auto alone = build_layer(row.layer, sample);
    const Tensor x = normal_batch(batch_shape(4, row.sample)).set_requires_grad(true);
    const Tensor other_x = normal_batch(batch_shape(4, row.sample)).set_requires_grad(true);
    const Tensor a = fused.forward(x, {});
    const Tensor weights = normal_batch(a.shape(), 9);
    autograd::backward(ops::sum(ops::mul(a, weights)));
    const Tensor b = ops::relu(alone->forward(other_x, {}));
    autograd::backward(ops::sum(ops::mul(b, weights)));
    CHECK(std::equal(a.values().begin(), a.values().end(), b.values().begin()));
    CHECK(std::count(a.values().begin(), a.values().end(), Real(0)) > 0);
    auto fused_parameters = parameters_of(fused);
    auto parameters = parameters_of(*alone);
    REQUIRE(fused_parameters.size() == parameters.size());
    fused_parameters.push_back({"x", x});
    parameters.push_back({"x", other_x});
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      CAPTURE(parameters[i].name);
      const auto da = fused_parameters[i].value.grad();
      const auto db = parameters[i].value.grad();
      REQUIRE(da.size() == db.size());
      REQUIRE_FALSE(da.empty());
      for (std::size_t j = 0; j < da.size(); ++j) CHECK(da[j] == doctest::Approx(db[j]).epsilon(1e-5));
    }
  }
}

TEST_CASE("a max pooling of 2x2 is fused into a convolution, once, and in any order with relu") {
  const LayerText conv{"conv2d", {{"out_channels", 5.}, {"padding", 1.}}};
  const Shape sample{3, 7, 10};
  using Kind = nn::Nonlinearity::Kind;
  for (const bool relu_first : {true, false}) {
    Shape shape = sample;
    nn::Sequential fused;
    fused.append(build_layer(conv, shape));
    if (relu_first) fused.append<nn::Nonlinearity>(Kind::relu);
    fused.append<nn::MaxPool2d>(ops::PoolOptions{});
    if (!relu_first) fused.append<nn::Nonlinearity>(Kind::relu);
    fused.append<nn::MaxPool2d>(ops::PoolOptions{});
    shape = sample;
    const auto alone = build_layer(conv, shape);
    const Tensor x = normal_batch(batch_shape(4, sample)).set_requires_grad(true);
    const Tensor other_x = normal_batch(batch_shape(4, sample)).set_requires_grad(true);
    const Tensor a = fused.forward(x, {});
    const Tensor weights = normal_batch(a.shape(), 9);
    autograd::backward(ops::sum(ops::mul(a, weights)));
    const Tensor b = ops::max_pool2d(ops::max_pool2d(ops::relu(alone->forward(other_x, {})), {}), {});
    autograd::backward(ops::sum(ops::mul(b, weights)));
    CHECK(a.shape() == Shape{4, 5, 1, 2});
    CHECK(std::equal(a.values().begin(), a.values().end(), b.values().begin()));
    CHECK(std::equal(x.grad().begin(), x.grad().end(), other_x.grad().begin()));
    const auto weight_grad = parameters_of(fused)[0].value.grad();
    CHECK(std::equal(weight_grad.begin(), weight_grad.end(), parameters_of(*alone)[0].value.grad().begin()));
  }
  Shape shape = sample;
  const auto layer = build_layer(conv, shape);
  CHECK(layer->fuse_max_pool());
  CHECK_FALSE(layer->fuse_max_pool());
  CHECK_FALSE(build_layer({"linear", {{"out_features", 3.}}}, shape = {4})->fuse_max_pool());
}

TEST_CASE("layers with a weight can take a relu over, the others cannot") {
  for (const LayerRow& row : rows) {
    CAPTURE(row.layer.type);
    Shape sample = row.sample;
    const auto layer = build_layer(row.layer, sample);
    const bool weighted = row.layer.type == "linear" || row.layer.type.starts_with("conv");
    CHECK(layer->fuse_relu() == weighted);
    if (!weighted) continue;
    const Tensor y = layer->forward(normal_batch(batch_shape(8, row.sample)), {});
    CHECK(*std::min_element(y.values().begin(), y.values().end()) == 0);
    CHECK(*std::max_element(y.values().begin(), y.values().end()) > 0);
  }
  autograd::clear();
}

TEST_CASE("a fused relu keeps its number; behind a layer that cannot fuse it stands alone") {
  Initializer init(InitScheme::torch_default, 1);
  nn::Sequential chain;
  using Kind = nn::Nonlinearity::Kind;
  chain.append<nn::Linear>(2, 3, true, init);        // 0
  chain.append<nn::Nonlinearity>(Kind::relu);        // 1, fused
  chain.append<nn::Nonlinearity>(Kind::relu);        // 2, fused: relu of relu is relu
  chain.append<nn::LayerNorm>(3, 1e-5, init);        // 3
  chain.append<nn::Nonlinearity>(Kind::relu);        // 4
  chain.append<nn::Linear>(3, 2, false, init);       // 5
  chain.append<nn::Nonlinearity>(Kind::leaky_relu);  // 6
  chain.append<nn::Nonlinearity>(Kind::relu);        // 7
  const auto parameters = parameters_of(chain);
  const char* names[] = {"0.weight", "0.bias", "3.weight", "3.bias", "5.weight"};
  REQUIRE(parameters.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(parameters[i].name == names[i]);
  const Tensor y = chain.forward(normal_batch({20, 2}), {});
  CHECK(*std::min_element(y.values().begin(), y.values().end()) == 0);
  CHECK(*std::max_element(y.values().begin(), y.values().end()) > 0);
  autograd::clear();
}

TEST_CASE("batch norm takes the batch's statistics while training, the running ones in evaluation") {
  Initializer init(InitScheme::torch_default, 1);
  nn::BatchNorm layer(1, 0.25, 1e-5, init);
  const Real values[] = {1, 3, 5, 7};  // mean 4, biased variance 5, unbiased 20/3
  const Tensor x = Tensor::from({4, 1}, values);
  const auto buffers = buffers_of(layer);
  const autograd::NoGrad guard;
  const Tensor trained = layer.forward(x, {.training = true});
  CHECK(trained.data()[0] == doctest::Approx(-3 / std::sqrt(5 + 1e-5)).epsilon(1e-6));
  CHECK(buffers[0].value.item() == doctest::Approx(1.0).epsilon(1e-6));
  CHECK(buffers[1].value.item() == doctest::Approx(0.75 + 0.25 * 20 / 3).epsilon(1e-6));
  const Tensor evaluated = layer.forward(x, {.training = false});
  CHECK(evaluated.data()[3] == doctest::Approx(6 / std::sqrt(0.75 + 5 / 3.0 + 1e-5)).epsilon(1e-6));
  CHECK(buffers[0].value.item() == doctest::Approx(1.0).epsilon(1e-6));  // evaluation leaves them as they are
}

TEST_CASE("dropout is the identity in evaluation, and differs by layer, step and seed while training") {
  const autograd::NoGrad guard;
  const Tensor x = Tensor::full({1, 1000}, 1);
  nn::Dropout first(0.25, 0);
  nn::Dropout second(0.25, 1);
  CHECK(first.forward(x, {.training = false, .seed = 1, .step = 1}).is(x));
  CHECK(nn::Dropout(0, 0).forward(x, {}).is(x));
  const Context context{.training = true, .seed = 1, .step = 1};
  const Tensor y = first.forward(x, context);
  const auto zeros = std::count(y.values().begin(), y.values().end(), Real(0));
  CHECK(zeros > 200);
  CHECK(zeros < 300);
  CHECK(*std::max_element(y.values().begin(), y.values().end()) == doctest::Approx(4.0 / 3).epsilon(1e-6));
  const auto same = [&](const Tensor& other) { return std::equal(y.values().begin(), y.values().end(), other.values().begin()); };
  CHECK(same(first.forward(x, context)));
  CHECK_FALSE(same(second.forward(x, context)));
  CHECK_FALSE(same(first.forward(x, {.training = true, .seed = 1, .step = 2})));
  CHECK_FALSE(same(first.forward(x, {.training = true, .seed = 2, .step = 1})));
}

TEST_CASE("the dropout layers of a model have masks of their own") {
  // Two dropouts of ones behind each other: with one mask they would agree in what they zero.
  const auto model =
      build({"sequential", {}, {{"dropout", {{"p", 0.5}}}, {"dropout", {{"p", 0.5}}}, {"linear", {{"out_features", 2.}}}}}, {64}, 2);
  Shape sample{64};
  nn::Dropout alone(0.5, 0);
  nn::Dropout next(0.5, 1);
  const autograd::NoGrad guard;
  const Context context{.training = true, .seed = 4, .step = 7};
  const Tensor x = Tensor::full({1, 64}, 1);
  const Tensor masked = next.forward(alone.forward(x, context), context);
  const Tensor expected = model->forward(masked, {.training = false});
  const Tensor actual = model->forward(x, context);
  for (std::size_t i = 0; i < 2; ++i) CHECK(actual.values()[i] == doctest::Approx(expected.values()[i]).epsilon(1e-5));
}

}  // namespace
}  // namespace emotrain::test
