#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/nn/model.hpp"
#include "nn/layer_list.hpp"

namespace emotrain::test {
namespace {

using nn::Task;

struct Named {
  std::string name;
  Shape shape;
};

struct ModelRow {
  ModelText model;
  Shape sample;
  Index classes;
  Task task;
  Shape output;  // per sample
  Index values;
  std::vector<Named> parameters;
};

const LayerTexts conv_ae_layers{
    {"conv2d", {{"out_channels", 8.}, {"stride", 2.}, {"padding", 1.}}},
    {"relu"},
    {"conv2d", {{"out_channels", 16.}, {"stride", 2.}, {"padding", 1.}}},
    {"relu"},
    {"flatten"},
    {"linear", {{"out_features", 16.}}},
    {"linear", {{"out_features", 784.}}},
    {"relu"},
    {"unflatten", {{"unflattened_size", std::vector<Index>{16, 7, 7}}}},
    {"conv_transpose2d", {{"out_channels", 8.}, {"kernel_size", 4.}, {"stride", 2.}, {"padding", 1.}}},
    {"relu"},
    {"conv_transpose2d", {{"out_channels", 1.}, {"kernel_size", 4.}, {"stride", 2.}, {"padding", 1.}}},
};

const std::vector<ModelRow> rows{
    {{"mlp"},
     {1, 28, 28},
     10,
     Task::classification,
     {10},
     235146,
     {{"1.weight", {256, 784}}, {"1.bias", {256}}, {"3.weight", {128, 256}}, {"3.bias", {128}}, {"5.weight", {10, 128}}, {"5.bias", {10}}}},
    {{"mlp", {{"hidden", std::vector<Index>{64}}}},
     {1, 28, 28},
     10,
     Task::classification,
     {10},
     50890,
     {{"1.weight", {64, 784}}, {"1.bias", {64}}, {"3.weight", {10, 64}}, {"3.bias", {10}}}},
    {{"mlp", {{"hidden", std::vector<Index>{}}}}, {13}, 3, Task::classification, {3}, 42, {{"1.weight", {3, 13}}, {"1.bias", {3}}}},
    {{"mlp", {{"hidden", std::vector<Index>{8, 4}}, {"norm", "batch_norm"}, {"dropout", 0.5}, {"activation", "gelu"}}},
     {13},
     3,
     Task::classification,
     {3},
     187,
     {{"1.weight", {8, 13}},
      {"1.bias", {8}},
      {"2.weight", {8}},
      {"2.bias", {8}},
      {"5.weight", {4, 8}},
      {"5.bias", {4}},
      {"6.weight", {4}},
      {"6.bias", {4}},
      {"9.weight", {3, 4}},
      {"9.bias", {3}}}},
    {{"cnn"},
     {1, 28, 28},
     10,
     Task::classification,
     {10},
     20490,
     {{"0.weight", {16, 1, 3, 3}},
      {"0.bias", {16}},
      {"3.weight", {32, 16, 3, 3}},
      {"3.bias", {32}},
      {"7.weight", {10, 1568}},
      {"7.bias", {10}}}},
    {{"cnn", {{"channels", std::vector<Index>{8, 16}}}},
     {1, 28, 28},
     10,
     Task::classification,
     {10},
     9098,
     {{"0.weight", {8, 1, 3, 3}},
      {"0.bias", {8}},
      {"3.weight", {16, 8, 3, 3}},
      {"3.bias", {16}},
      {"7.weight", {10, 784}},
      {"7.bias", {10}}}},
    {{"cnn", {{"channels", std::vector<Index>{4}}, {"kernel_size", 5.}, {"norm", "batch_norm"}, {"dropout", 0.25}}},
     {3, 9, 7},
     2,
     Task::classification,
     {2},
     410,
     {{"0.weight", {4, 3, 5, 5}}, {"0.bias", {4}}, {"1.weight", {4}}, {"1.bias", {4}}, {"6.weight", {2, 48}}, {"6.bias", {2}}}},
    {{"mlp_autoencoder", {{"hidden", std::vector<Index>{32, 16}}, {"latent", 4.}}},
     {3, 6, 5},
     0,
     Task::reconstruction,
     {3, 6, 5},
     7102,
     {{"enc.1.weight", {32, 90}},
      {"enc.1.bias", {32}},
      {"enc.3.weight", {16, 32}},
      {"enc.3.bias", {16}},
      {"enc.5.weight", {4, 16}},
      {"enc.5.bias", {4}},
      {"dec.0.weight", {16, 4}},
      {"dec.0.bias", {16}},
      {"dec.2.weight", {32, 16}},
      {"dec.2.bias", {32}},
      {"dec.4.weight", {90, 32}},
      {"dec.4.bias", {90}}}},
    {{"conv_autoencoder"},
     {1, 28, 28},
     10,
     Task::reconstruction,
     {1, 28, 28},
     115217,
     {{"enc.0.weight", {16, 1, 3, 3}},
      {"enc.0.bias", {16}},
      {"enc.2.weight", {32, 16, 3, 3}},
      {"enc.2.bias", {32}},
      {"enc.5.weight", {32, 1568}},
      {"enc.5.bias", {32}},
      {"dec.0.weight", {1568, 32}},
      {"dec.0.bias", {1568}},
      {"dec.3.weight", {32, 16, 4, 4}},
      {"dec.3.bias", {16}},
      {"dec.5.weight", {16, 1, 4, 4}},
      {"dec.5.bias", {1}}}},
    {{"conv_vae"},
     {1, 28, 28},
     10,
     Task::reconstruction,
     {1, 28, 28},
     165425,
     {{"enc.0.weight", {16, 1, 3, 3}},
      {"enc.0.bias", {16}},
      {"enc.2.weight", {32, 16, 3, 3}},
      {"enc.2.bias", {32}},
      {"enc.5.weight", {64, 1568}},
      {"enc.5.bias", {64}},
      {"dec.0.weight", {1568, 32}},
      {"dec.0.bias", {1568}},
      {"dec.3.weight", {32, 16, 4, 4}},
      {"dec.3.bias", {16}},
      {"dec.5.weight", {16, 1, 4, 4}},
      {"dec.5.bias", {1}}}},
    {{"conv_vae", {{"channels", std::vector<Index>{4, 6, 8}}, {"latent", 5.}}},
     {3, 16, 24},
     0,
     Task::reconstruction,
     {3, 16, 24},
     2909,
     {{"enc.0.weight", {4, 3, 3, 3}},
      {"enc.0.bias", {4}},
      {"enc.2.weight", {6, 4, 3, 3}},
      {"enc.2.bias", {6}},
      {"enc.4.weight", {8, 6, 3, 3}},
      {"enc.4.bias", {8}},
      {"enc.7.weight", {10, 48}},
      {"enc.7.bias", {10}},
      {"dec.0.weight", {48, 5}},
      {"dec.0.bias", {48}},
      {"dec.3.weight", {8, 6, 4, 4}},
      {"dec.3.bias", {6}},
      {"dec.5.weight", {6, 4, 4, 4}},
      {"dec.5.bias", {4}},
      {"dec.7.weight", {4, 3, 4, 4}},
      {"dec.7.bias", {3}}}},
    {{"sequential", {}, conv_ae_layers},
     {1, 28, 28},
     10,
     Task::reconstruction,
     {1, 28, 28},
     29321,
     {{"0.weight", {8, 1, 3, 3}},
      {"0.bias", {8}},
      {"2.weight", {16, 8, 3, 3}},
      {"2.bias", {16}},
      {"5.weight", {16, 784}},
      {"5.bias", {16}},
      {"6.weight", {784, 16}},
      {"6.bias", {784}},
      {"9.weight", {16, 8, 4, 4}},
      {"9.bias", {8}},
      {"11.weight", {8, 1, 4, 4}},
      {"11.bias", {1}}}},
    {{"sequential", {}, {{"linear", {{"out_features", 3.}, {"bias", 0.}}}}}, {3}, 3, Task::reconstruction, {3}, 9, {{"0.weight", {3, 3}}}},
    {{"sequential", {{"task", "classification"}}, {{"linear", {{"out_features", 3.}}}}},
     {3},
     3,
     Task::classification,
     {3},
     12,
     {{"0.weight", {3, 3}}, {"0.bias", {3}}}},
};

TEST_CASE("a model's parameters have PyTorch's names, shapes and order, and its result the right shape") {
  for (const ModelRow& row : rows) {
    CAPTURE(row.model.name);
    CAPTURE(row.sample.str());
    const auto model = build(row.model, row.sample, row.classes);
    CHECK(model->task() == row.task);
    const auto parameters = parameters_of(*model);
    REQUIRE(parameters.size() == row.parameters.size());
    Index values = 0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      CHECK(parameters[i].name == row.parameters[i].name);
      CHECK(parameters[i].value.shape().str() == row.parameters[i].shape.str());
      CHECK(parameters[i].value.requires_grad());
      values += parameters[i].value.size();
    }
    CHECK(values == row.values);
    for (const Index n : {1, 3}) {
      if (n == 1 && !buffers_of(*model).empty()) continue;  // a batch norm has no variance then
      const Tensor y = model->forward(normal_batch(batch_shape(n, row.sample)), {.training = true, .seed = 3, .step = 1});
      CHECK(y.shape().str() == batch_shape(n, row.output).str());
    }
    autograd::clear();
  }
}

TEST_CASE("batch norms keep their running statistics as buffers") {
  const auto model = build({"cnn", {{"channels", std::vector<Index>{4, 6}}, {"norm", "batch_norm"}}}, {1, 8, 8}, 2);
  const auto buffers = buffers_of(*model);
  REQUIRE(buffers.size() == 4);
  const char* names[] = {"1.running_mean", "1.running_var", "5.running_mean", "5.running_var"};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(buffers[i].name == names[i]);
    CHECK(buffers[i].value.shape() == Shape{i < 2 ? 4 : 6});
    CHECK_FALSE(buffers[i].value.requires_grad());
    for (const Real value : buffers[i].value.values()) CHECK(value == (i % 2 == 0 ? 0 : 1));
  }
}

TEST_CASE("a VAE samples its latents from seed and step, in training and evaluation, and decodes") {
  const auto model = build({"conv_vae", {{"channels", std::vector<Index>{2}}, {"latent", 3.}}}, {1, 4, 4}, 0);
  CHECK(model->latent_size() == 3);
  const Tensor x = normal_batch({2, 1, 4, 4});
  const auto run = [&](bool training, std::uint64_t seed, std::uint64_t step) {
    const autograd::NoGrad guard;
    return model->run(x, {.training = training, .seed = seed, .step = step});
  };
  const auto same = [](const Tensor& a, const Tensor& b) { return std::equal(a.values().begin(), a.values().end(), b.values().begin()); };
  const auto first = run(true, 1, 1);
  CHECK(first.mean.shape() == Shape{2, 3});
  CHECK(first.log_variance.shape() == Shape{2, 3});
  CHECK(same(first.output, run(true, 1, 1).output));
  CHECK(same(first.output, run(false, 1, 1).output));
  CHECK_FALSE(same(first.output, run(false, 2, 1).output));
  CHECK_FALSE(same(first.output, run(false, 1, 2).output));
  CHECK(same(first.mean, run(false, 2, 2).mean));
  const Tensor decoded = model->decode(first.mean, {.training = false});
  CHECK(decoded.shape() == Shape{2, 1, 4, 4});
  autograd::clear();

  const auto plain = build({"conv_autoencoder", {{"channels", std::vector<Index>{2}}}}, {1, 4, 4}, 0);
  CHECK(plain->latent_size() == 0);
  CHECK_FALSE(plain->decode(first.mean, {}).defined());
}

struct Refusal {
  ModelText model;
  Shape sample;
  Index classes;
  std::string text;  // that the message begins with
  std::string remedy;
};

Settings sizes(const char* key, std::vector<Index> values) { return {{key, std::move(values)}}; }

const std::vector<Refusal> refusals{
    {{"mlp"}, {13}, 0, "name: mlp is a classifier, but the data has 0 classes", "an autoencoder"},
    {{"cnn"}, {13}, 3, "name: cnn needs images (channels,height,width), but the data has samples of shape (13)", "choose mlp"},
    {{"cnn"}, {1, 3, 3}, 3, "channels: 2 blocks halve the images of shape (1,3,3) to nothing", "give fewer"},
    {{"cnn", {{"kernel_size", 4.}}}, {1, 8, 8}, 3, "kernel_size: 4", "give an odd number"},
    {{"cnn", sizes("channels", {})}, {1, 8, 8}, 3, "channels: a list of 0", "give 1 to 1024"},
    {{"cnn", sizes("channels", {1 << 20})}, {1, 28, 28}, 10, "channels: a result of shape (1048576,28,28)", "make the layer smaller"},
    {{"mlp", sizes("hidden", std::vector<Index>(20000, 1))}, {4}, 3, "hidden: a list of 20000", "give 0 to 1024"},
    {{"mlp", sizes("hidden", {0})}, {4}, 3, "hidden: a size of 0 in (0,4)", "at least 1"},
    {{"mlp", sizes("hidden", {2147483647})},
     {784},
     10,
     "hidden: a parameter of shape (2147483647,784) brings the model over 268435456 parameters",
     "make its layers smaller"},
    {{"mlp", sizes("hidden", {1 << 20, 1 << 20})}, {4}, 3, "hidden: a parameter of shape (1048576,1048576)", "smaller"},
    {{"mlp", sizes("hidden", std::vector<Index>(300, 1024))}, {4}, 3, "hidden: a parameter of shape (1024,1024)", "smaller"},
    {{"mlp", {{"init", "zeros"}}}, {4}, 3, "init: \"zeros\" is not one of torch_default", "xavier_uniform"},
    {{"mlp", {{"activation", "step"}}}, {4}, 3, "activation: \"step\" is not one of relu", "gelu"},
    {{"mlp_autoencoder", {{"latent", 1048576.}, {"hidden", std::vector<Index>{1 << 20}}}}, {4}, 0, "latent: a parameter", "smaller"},
    {{"conv_autoencoder"}, {784}, 0, "name: convolution needs images", "choose mlp_autoencoder"},
    {{"conv_autoencoder"}, {1, 8, 10}, 0, "channels: 2 layers halve the image 2 times, but 8 x 10 cannot be divided by 4", "give fewer"},
    {{"conv_vae", sizes("channels", {4, 8, 16})}, {3, 28, 28}, 0, "channels: 3 layers", "resize the images"},
    {{"sequential"}, {4}, 3, "layers: a list of 0", "give 1 to 1024"},
    {{"sequential", {}, {{"relu"}}}, {4}, 0, "layers: none of them has parameters", "add a linear"},
    {{"sequential", {}, {{"relu"}, {"linear", {{"out_features", 10.}}}}},
     {1, 8, 8},
     10,
     "layers/1: linear: needs flat samples, but gets samples of shape (1,8,8)",
     "put {\"type\": \"flatten\"} before it"},
    {{"sequential", {}, {{"linear", {{"out_features", 10.}}}, {"max_pool2d"}}},
     {64},
     10,
     "layers/1: max_pool2d: needs images (channels,height,width), but gets samples of shape (10)",
     "\"unflattened_size\": [channels, height, width]} before it"},
    {{"sequential", {}, {{"conv2d"}}}, {1, 8, 8}, 10, "layers/0: conv2d: out_channels: is missing", "give a number from 1 to 1048576"},
    {{"sequential", {}, {{"conv2d", {{"out_channels", 4.}, {"kernel_size", 9.}}}}},
     {1, 8, 8},
     10,
     "layers/0: conv2d: kernel_size 9 does not fit an image of 8 x 8 with padding 0",
     "padding larger"},
    {{"sequential", {}, {{"conv2d", {{"out_channels", 4.}, {"stride", 0.}}}}}, {1, 8, 8}, 10, "layers/0: conv2d: stride: 0", "at least 1"},
    {{"sequential", {}, {{"conv_transpose2d", {{"out_channels", 4.}, {"padding", 5.}}}}},
     {1, 2, 2},
     10,
     "layers/0: conv_transpose2d: padding 5 leaves nothing of an image of 2 x 2",
     "make padding smaller"},
    {{"sequential", {}, {{"conv_transpose2d", {{"out_channels", 4.}, {"stride", 2.}, {"output_padding", 2.}}}}},
     {1, 2, 2},
     10,
     "layers/0: conv_transpose2d: output_padding: 2",
     "less than stride"},
    {{"sequential", {}, {{"avg_pool2d", {{"padding", 2.}}}}}, {1, 8, 8}, 2, "layers/0: avg_pool2d: padding: 2 is more than half", "less"},
    {{"sequential", {}, {{"group_norm", {{"num_groups", 5.}}}}}, {32, 4, 4}, 2, "layers/0: group_norm: num_groups 5", "give a divisor"},
    {{"sequential", {}, {{"batch_norm"}}}, {4, 4}, 2, "layers/0: batch_norm: needs flat samples or images", "flatten"},
    {{"sequential", {}, {{"dropout", {{"p", 1.}}}}}, {4}, 2, "layers/0: dropout: p: 1 is not a probability", "less than 1"},
    {{"sequential", {}, {{"unflatten", {{"unflattened_size", std::vector<Index>{4, 4}}}}}},
     {15},
     2,
     "layers/0: unflatten: unflattened_size (4,4) cannot hold the 15 values",
     "make its product 15"},
    {{"sequential", {}, {{"unflatten"}}}, {15}, 2, "layers/0: unflatten: unflattened_size: a list of 0", "give 1 to 7"},
    {{"sequential", {}, {{"upsample", {{"scale_factor", 1024.}}}, {"upsample", {{"scale_factor", 1024.}}}}},
     {3, 8, 8},
     2,
     "layers/0: upsample: a result of shape (3,8192,8192)",
     "make the layer smaller"},
    {{"sequential", {}, {{"linear", {{"out_features", 12.}}}}},
     {4},
     3,
     "layers: they make (12) of a sample of shape (4), but the data has (3) to classify, and a reconstruction needs (4)",
     "change the last layers"},
    {{"sequential", {{"task", "classification"}}, {{"linear", {{"out_features", 4.}}}}},
     {4},
     0,
     "layers: they make (4) of a sample of shape (4), but the task is classification and the data has no labels",
     "change the last layers"},
    {{"sequential", {{"task", "reconstruction"}}, {{"linear", {{"out_features", 3.}}}}},
     {4},
     3,
     "layers: they make (3) of a sample of shape (4), but the task is reconstruction",
     "change the last layers"},
};

TEST_CASE("options that do not fit are refused with the key, the values and the remedy, before memory is taken") {
  const std::size_t before = pool_bytes();
  for (const Refusal& row : refusals) {
    CAPTURE(row.text);
    std::string text;
    try {
      build(row.model, row.sample, row.classes);
    } catch (const Error& error) {
      text = error.what();
      CHECK(error.kind() == ErrorKind::usage);
    }
    CAPTURE(text);
    CHECK(text.starts_with(row.text));
    CHECK(text.find(row.remedy) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
  }
  CHECK(pool_bytes() == before);
}

TEST_CASE("a model a thousand layers deep is built") {
  const auto model = build({"mlp", sizes("hidden", std::vector<Index>(1024, 1))}, {2}, 2);
  CHECK(parameters_of(*model).size() == 2050);
}

}  // namespace
}  // namespace emotrain::test
