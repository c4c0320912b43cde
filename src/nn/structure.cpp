#include "emotrain/nn/structure.hpp"

#include <fmt/format.h>

#include <utility>

#include "emotrain/nn/model.hpp"

namespace emotrain::nn {

std::string Layer::parameter(const char* of, const Tensor& tensor) {
  parameters += tensor.size();
  return name + "." + of;
}

std::string Layer::buffer(const char* of, const Tensor& tensor) {
  buffers += tensor.size();
  return name + "." + of;
}

std::string Layer::constant(const char* of, std::variant<std::vector<Index>, std::vector<float>> values) {
  constants.push_back({name + "." + of, std::move(values)});
  return constants.back().name;
}

std::string Layer::apply(const char* operator_type, std::vector<std::string> inputs, std::vector<Attribute> attributes) {
  std::string result =
      operators.empty() ? fmt::format("{}/{}", name, operator_type) : fmt::format("{}/{}_{}", name, operator_type, operators.size());
  operators.push_back({operator_type, std::move(inputs), {result}, std::move(attributes)});
  return result;
}

Layer& Structure::add(const std::string& name, const char* type, const Value& x, const Shape& result, Index flops) {
  return layers.emplace_back(Layer{.name = name,
                                   .type = type,
                                   .input = x.sample,
                                   .output = result,
                                   .flops = flops,
                                   .activation_bytes = result.size() * Index{sizeof(Real)},
                                   .operators = {},
                                   .constants = {}});
}

Index Structure::total(Index Layer::*count) const {
  Index sum = 0;
  for (const Layer& layer : layers) sum += layer.*count;
  return sum;
}

Structure structure_of(const Model& model, const Shape& sample) {
  Structure structure{.input = {"x", sample}, .layers = {}, .output = {}};
  structure.output = model.describe("", structure.input, structure);
  return structure;
}

}  // namespace emotrain::nn
