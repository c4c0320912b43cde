#pragma once
#include <string>
#include <variant>
#include <vector>

#include "emotrain/core/tensor.hpp"

/// What a model consists of: tables of layers and files for other programs are read off it. A layer says all of this in one place,
/// Module::describe.
namespace emotrain::nn {

class Model;

/// What one layer hands to the next: a name, and the shape of one sample's part.
struct Value {
  std::string name;
  Shape sample;
};

struct Attribute {
  const char* name;
  std::variant<Index, double, std::vector<Index>, const char*> value;
};

/// A vector that an operator needs beside parameters and buffers.
struct Constant {
  std::string name;
  std::variant<std::vector<Index>, std::vector<float>> values;
};

/// An operator of ONNX, opset 17 (https://onnx.ai/onnx/operators), which computes what the layer does in evaluation mode. Inputs are names
/// of values, parameters, buffers and constants.
struct Operator {
  const char* type;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<Attribute> attributes;
};

struct Layer {
  /// What the names of its parameters begin with: `enc.0`.
  std::string name;
  /// Its name in layers(): `conv2d`.
  const char* type;
  /// Of one sample.
  Shape input;
  Shape output;
  /// Numbers of values.
  Index parameters = 0;
  Index buffers = 0;
  /// Of one sample's forward pass in evaluation mode. A product and the addition to its sum count 2, places outside an image like those
  /// within, and any other function of a value 1, whatever it costs. A bias counts nothing: sums begin with it.
  Index flops = 0;
  /// Of its result for one sample, while training; 0 if it has no memory of its own. A view has none, nor has the result of a layer that
  /// does the relu or the pooling behind it itself: only what they make of it is kept, and counts as theirs.
  Index activation_bytes = 0;
  std::vector<Operator> operators;
  std::vector<Constant> constants;

  /// The full names of its operands. The first two count their values.
  std::string parameter(const char* of, const Tensor& tensor);
  std::string buffer(const char* of, const Tensor& tensor);
  std::string constant(const char* of, std::variant<std::vector<Index>, std::vector<float>> values);
  /// Adds an operator with one result, and returns the result's name.
  std::string apply(const char* operator_type, std::vector<std::string> inputs, std::vector<Attribute> attributes = {});
};

struct Structure {
  Value input;
  /// In the order of execution.
  std::vector<Layer> layers;
  Value output;
  /// Of a VAE's latent distribution; else their names are empty. Its output is that of the mean latents.
  Value mean = {};
  Value log_variance = {};

  /// A layer whose result has memory of its own. Valid until the next call.
  Layer& add(const std::string& name, const char* type, const Value& x, const Shape& result, Index flops);
  /// Of all layers.
  Index total(Index Layer::*count) const;
};

/// For samples of the shape that the model was built for. The input is named `x`.
Structure structure_of(const Model& model, const Shape& sample);

}  // namespace emotrain::nn
