#include "emotrain/nn/structure.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "emotrain/autograd/tape.hpp"
#include "nn/layer_list.hpp"
#include "nn/model_samples.hpp"

namespace emotrain::test {
namespace {

struct LayerRow {
  std::string name;
  std::string type;
  Shape output;
  Index parameters;
  Index flops;
  Index activations;  // values
};

struct StructureRow {
  ModelText model;
  Shape sample;
  Index classes;
  std::vector<LayerRow> layers;
};

const std::vector<StructureRow> rows{
    {{"mlp"},
     {1, 28, 28},
     10,
     {{"0", "flatten", {784}, 0, 0, 0},
      {"1", "linear", {256}, 200960, 401408, 0},
      {"2", "relu", {256}, 0, 256, 256},
      {"3", "linear", {128}, 32896, 65536, 0},
      {"4", "relu", {128}, 0, 128, 128},
      {"5", "linear", {10}, 1290, 2560, 10}}},
    {{"cnn"},
     {1, 28, 28},
     10,
     {{"0", "conv2d", {16, 28, 28}, 160, 225792, 0},
      {"1", "relu", {16, 28, 28}, 0, 12544, 0},
      {"2", "max_pool2d", {16, 14, 14}, 0, 12544, 3136},
      {"3", "conv2d", {32, 14, 14}, 4640, 1806336, 0},
      {"4", "relu", {32, 14, 14}, 0, 6272, 0},
      {"5", "max_pool2d", {32, 7, 7}, 0, 6272, 1568},
      {"6", "flatten", {1568}, 0, 0, 0},
      {"7", "linear", {10}, 15690, 31360, 10}}},
    {{"mlp_autoencoder", {{"hidden", std::vector<Index>{}}, {"latent", 2.0}, {"activation", "tanh"}}},
     {1, 2, 3},
     0,
     {{"enc.0", "flatten", {6}, 0, 0, 0},
      {"enc.1", "linear", {2}, 14, 24, 2},
      {"dec.0", "linear", {6}, 18, 24, 6},
      {"dec.1", "unflatten", {1, 2, 3}, 0, 0, 0}}},
    {{"conv_vae", {{"channels", std::vector<Index>{4}}, {"latent", 3.0}}},
     {1, 4, 4},
     0,
     {{"enc.0", "conv2d", {4, 2, 2}, 40, 288, 0},
      {"enc.1", "relu", {4, 2, 2}, 0, 16, 16},
      {"enc.2", "flatten", {16}, 0, 0, 0},
      {"enc.3", "linear", {6}, 102, 192, 6},
      {"latent", "gaussian", {3}, 0, 12, 9},
      {"dec.0", "linear", {16}, 64, 96, 0},
      {"dec.1", "relu", {16}, 0, 16, 16},
      {"dec.2", "unflatten", {4, 2, 2}, 0, 0, 0},
      {"dec.3", "conv_transpose2d", {1, 4, 4}, 65, 512, 16}}},
    {{"sequential",
      {},
      {{"conv2d", {{"out_channels", 4.}, {"kernel_size", 3.}, {"stride", 2.}, {"padding", 1.}, {"bias", 0.}}},
       {"batch_norm"},
       {"silu"},
       {"group_norm", {{"num_groups", 2.}}},
       {"avg_pool2d", {{"kernel_size", 2.}, {"stride", 1.}, {"padding", 1.}}},
       {"upsample", {{"scale_factor", 2.}}},
       {"conv_transpose2d", {{"out_channels", 2.}, {"kernel_size", 3.}, {"stride", 2.}, {"padding", 1.}, {"output_padding", 1.}}},
       {"max_pool2d", {{"kernel_size", 3.}, {"stride", 2.}, {"padding", 1.}}},
       {"flatten"},
       {"layer_norm"},
       {"dropout"},
       {"linear", {{"out_features", 3.}}},
       {"leaky_relu"}}},
     {2, 6, 6},
     3,
     {{"0", "conv2d", {4, 3, 3}, 72, 1296, 36},
      {"1", "batch_norm", {4, 3, 3}, 8, 72, 36},
      {"2", "silu", {4, 3, 3}, 0, 36, 36},
      {"3", "group_norm", {4, 3, 3}, 8, 288, 36},
      {"4", "avg_pool2d", {4, 4, 4}, 0, 256, 64},
      {"5", "upsample", {4, 8, 8}, 0, 0, 256},
      {"6", "conv_transpose2d", {2, 16, 16}, 74, 9216, 512},
      {"7", "max_pool2d", {2, 8, 8}, 0, 1152, 128},
      {"8", "flatten", {128}, 0, 0, 0},
      {"9", "layer_norm", {128}, 256, 1024, 128},
      {"10", "dropout", {128}, 0, 0, 128},
      {"11", "linear", {3}, 387, 768, 3},
      {"12", "leaky_relu", {3}, 0, 3, 3}}},
};

TEST_CASE("a model tells its layers in the order of execution, with shapes, sizes and costs") {
  for (const StructureRow& row : rows) {
    CAPTURE(row.model.name);
    const auto model = build(row.model, row.sample, row.classes);
    const nn::Structure structure = nn::structure_of(*model, row.sample);
    REQUIRE(structure.layers.size() == row.layers.size());
    Shape input = row.sample;
    for (std::size_t i = 0; i < row.layers.size(); ++i) {
      const nn::Layer& layer = structure.layers[i];
      const LayerRow& want = row.layers[i];
      CAPTURE(want.name);
      CHECK(layer.name == want.name);
      CHECK(std::string(layer.type) == want.type);
      CHECK(layer.input.str() == input.str());
      CHECK(layer.output.str() == want.output.str());
      CHECK(layer.parameters == want.parameters);
      CHECK(layer.buffers == (want.type == "batch_norm" ? 2 * want.output[0] : 0));
      CHECK(layer.flops == want.flops);
      CHECK(layer.activation_bytes == want.activations * Index{sizeof(Real)});
      input = layer.output;
    }
    CHECK(structure.output.sample.str() == input.str());
  }
}

Index values(const std::vector<nn::NamedTensor>& tensors) {
  Index sum = 0;
  for (const nn::NamedTensor& tensor : tensors) sum += tensor.value.size();
  return sum;
}

TEST_CASE("what the layers tell is what the model has and computes") {
  for (const ModelSample& sample : model_samples()) {
    CAPTURE(sample.name);
    const auto model = build(sample.model, sample.sample, sample.classes);
    const nn::Structure structure = nn::structure_of(*model, sample.sample);
    CHECK(structure.total(&nn::Layer::parameters) == values(parameters_of(*model)));
    CHECK(structure.total(&nn::Layer::buffers) == values(buffers_of(*model)));
    const autograd::NoGrad guard;
    const nn::ModelOutput output = model->run(normal_batch(batch_shape(2, sample.sample)), {.training = false});
    CHECK(output.output.shape().str() == batch_shape(2, structure.output.sample).str());
    CHECK(structure.mean.name.empty() == !output.mean.defined());
    if (output.mean.defined()) CHECK(output.mean.shape().str() == batch_shape(2, structure.mean.sample).str());
  }
}

TEST_CASE("the operators use what is there by then, use all of it, and make each value once") {
  for (const ModelSample& sample : model_samples()) {
    CAPTURE(sample.name);
    const auto model = build(sample.model, sample.sample, sample.classes);
    const nn::Structure structure = nn::structure_of(*model, sample.sample);
    std::set<std::string> known{structure.input.name};
    std::set<std::string> unused;
    const auto make = [&](const std::string& name) {
      CHECK(known.insert(name).second);
      unused.insert(name);
    };
    for (const auto& tensor : parameters_of(*model)) make(tensor.name);
    for (const auto& tensor : buffers_of(*model)) make(tensor.name);
    for (const nn::Layer& layer : structure.layers) {
      for (const nn::Constant& constant : layer.constants) make(constant.name);
      for (const nn::Operator& op : layer.operators) {
        CAPTURE(op.type);
        for (const std::string& input : op.inputs) {
          CHECK((input.empty() || known.contains(input)));
          unused.erase(input);
        }
        for (const std::string& output : op.outputs) make(output);
      }
    }
    for (const nn::Value* value : {&structure.output, &structure.log_variance}) unused.erase(value->name);
    CHECK(unused == std::set<std::string>{});
  }
}

TEST_CASE("the samples have every layer that a configuration can name") {
  std::set<std::string> types;
  for (const ModelSample& sample : model_samples()) {
    const auto model = build(sample.model, sample.sample, sample.classes);
    for (const nn::Layer& layer : nn::structure_of(*model, sample.sample).layers) types.insert(layer.type);
  }
  for (const OptionsEntry& entry : nn::layers().entries) {
    CAPTURE(entry.name);
    CHECK(types.contains(entry.name));
  }
}

}  // namespace
}  // namespace emotrain::test
