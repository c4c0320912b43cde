#include "emotrain/train/onnx.hpp"

#include <fmt/format.h>

#include <bit>
#include <span>
#include <type_traits>
#include <vector>

#include "emotrain/core/error.hpp"
#include "emotrain/core/protobuf.hpp"
#include "emotrain/nn/structure.hpp"
#include "emotrain/report/atomic_file.hpp"
#include "emotrain/train/build_info.hpp"
#include "emotrain/train/safetensors.hpp"

namespace emotrain::train {
namespace {

static_assert(std::is_same_v<Real, float> && std::endian::native == std::endian::little, "values are written as they lie in memory");

constexpr Index ir_version = 8;
constexpr Index opset = 17;

/// Numbers of fields and of types, as in onnx.proto.
namespace model_proto {
constexpr int ir_version = 1, producer_name = 2, producer_version = 3, doc_string = 6, graph = 7, opset_import = 8;
}
namespace opset_id {
constexpr int domain = 1, version = 2;
}
namespace graph_proto {
constexpr int node = 1, name = 2, initializer = 5, input = 11, output = 12;
}
namespace node_proto {
constexpr int input = 1, output = 2, name = 3, op_type = 4, attribute = 5;
}
namespace attribute_proto {
constexpr int name = 1, f = 2, i = 3, s = 4, ints = 8, type = 20;
constexpr Index type_float = 1, type_int = 2, type_string = 3, type_ints = 7;
}  // namespace attribute_proto
namespace tensor_proto {
constexpr int dims = 1, data_type = 2, name = 8, raw_data = 9;
constexpr Index type_float = 1, type_int64 = 7;
}  // namespace tensor_proto
namespace value_info {
constexpr int name = 1, type = 2;
constexpr int tensor_type = 1;
constexpr int elem_type = 1, shape = 2;
constexpr int dim = 1;
constexpr int dim_value = 1, dim_param = 2;
}  // namespace value_info

template <class T>
ProtobufMessage tensor(std::string_view name, std::span<const Index> extents, std::span<const T> values) {
  ProtobufMessage out;
  for (const Index extent : extents) out.integer(tensor_proto::dims, extent);
  out.integer(tensor_proto::data_type, std::is_same_v<T, float> ? tensor_proto::type_float : tensor_proto::type_int64);
  out.text(tensor_proto::name, name);
  out.text(tensor_proto::raw_data, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  return out;
}

ProtobufMessage constant(const nn::Constant& constant) {
  return std::visit(
      [&](const auto& values) {
        const Index extent[] = {static_cast<Index>(values.size())};
        return tensor(constant.name, std::span<const Index>(extent), std::span(values));
      },
      constant.values);
}

struct AttributeWriter {
  ProtobufMessage& out;

  void operator()(Index value) const { out.integer(attribute_proto::i, value).integer(attribute_proto::type, attribute_proto::type_int); }
  void operator()(double value) const {
    out.number(attribute_proto::f, static_cast<float>(value)).integer(attribute_proto::type, attribute_proto::type_float);
  }
  void operator()(const char* value) const {
    out.text(attribute_proto::s, value).integer(attribute_proto::type, attribute_proto::type_string);
  }
  void operator()(const std::vector<Index>& values) const {
    for (const Index value : values) out.integer(attribute_proto::ints, value);
    out.integer(attribute_proto::type, attribute_proto::type_ints);
  }
};

ProtobufMessage node(const nn::Operator& op) {
  ProtobufMessage out;
  for (const std::string& input : op.inputs) out.text(node_proto::input, input);
  for (const std::string& output : op.outputs) out.text(node_proto::output, output);
  out.text(node_proto::name, op.outputs.front()).text(node_proto::op_type, op.type);
  for (const nn::Attribute& attribute : op.attributes) {
    ProtobufMessage nested;
    nested.text(attribute_proto::name, attribute.name);
    std::visit(AttributeWriter{nested}, attribute.value);
    out.message(node_proto::attribute, nested);
  }
  return out;
}

/// Batches of any size.
ProtobufMessage value(std::string_view name, const Shape& sample) {
  ProtobufMessage shape;
  shape.message(value_info::dim, ProtobufMessage().text(value_info::dim_param, "N"));
  for (const Index extent : sample) shape.message(value_info::dim, ProtobufMessage().integer(value_info::dim_value, extent));
  const auto tensor_type = ProtobufMessage().integer(value_info::elem_type, tensor_proto::type_float).message(value_info::shape, shape);
  return ProtobufMessage()
      .text(value_info::name, name)
      .message(value_info::type, ProtobufMessage().message(value_info::tensor_type, tensor_type));
}

/// All operators, the last value under the name that the file promises.
std::vector<nn::Operator> operators(const nn::Structure& structure, const std::string& output, bool from_logits) {
  std::vector<nn::Operator> all;
  for (const nn::Layer& layer : structure.layers) all.insert(all.end(), layer.operators.begin(), layer.operators.end());
  if (from_logits) {
    all.push_back({"Sigmoid", {structure.output.name}, {output}, {}});
    return all;
  }
  for (nn::Operator& op : all) {
    for (std::string& name : op.outputs) {
      if (name == structure.output.name) name = output;
    }
  }
  return all;
}

ProtobufMessage graph(const nn::Model& model, const nn::Structure& structure, bool from_logits, std::string_view name) {
  const std::string output = model.task() == nn::Task::classification ? "logits" : "reconstruction";
  ProtobufMessage out;
  for (const nn::Operator& op : operators(structure, output, from_logits)) out.message(graph_proto::node, node(op));
  out.text(graph_proto::name, name);
  for (const nn::NamedTensor& weight : weights(model)) {
    const Shape& shape = weight.value.shape();
    out.message(graph_proto::initializer,
                tensor(weight.name, std::span(shape.begin(), shape.end()), std::span<const Real>(weight.value.values())));
  }
  for (const nn::Layer& layer : structure.layers) {
    for (const nn::Constant& each : layer.constants) out.message(graph_proto::initializer, constant(each));
  }
  out.message(graph_proto::input, value(structure.input.name, structure.input.sample));
  out.message(graph_proto::output, value(output, structure.output.sample));
  for (const nn::Value* latent : {&structure.mean, &structure.log_variance}) {
    if (!latent->name.empty()) out.message(graph_proto::output, value(latent->name, latent->sample));
  }
  return out;
}

std::string description(const nn::Model& model, const nn::Structure& structure, bool from_logits) {
  if (model.task() == nn::Task::classification) {
    return fmt::format("A classifier of samples (n, {}): x -> logits of {} classes.", fmt::join(structure.input.sample, ", "),
                       structure.output.sample.size());
  }
  return fmt::format("An autoencoder of samples (n, {}): x -> reconstruction{}{}.", fmt::join(structure.input.sample, ", "),
                     from_logits ? ", in 0 to 1" : "",
                     structure.mean.name.empty() ? "" : " from the mean latents; mean and log_variance of the latents");
}

}  // namespace

std::string onnx_model(const nn::Model& model, const nn::LossOptions& loss, const Shape& sample, std::string_view name) {
  if (model.task() == nn::Task::minimization) {
    fail(ErrorKind::usage, "a function has no input that another program could give it; its point is x in model.safetensors");
  }
  const nn::Structure structure = nn::structure_of(model, sample);
  const bool from_logits = model.task() == nn::Task::reconstruction && loss.output_is_logits();
  return ProtobufMessage()
      .integer(model_proto::ir_version, ir_version)
      .text(model_proto::producer_name, "emotrain")
      .text(model_proto::producer_version, build_info::version)
      .text(model_proto::doc_string, description(model, structure, from_logits))
      .message(model_proto::graph, graph(model, structure, from_logits, name))
      .message(model_proto::opset_import, ProtobufMessage().text(opset_id::domain, "").integer(opset_id::version, opset))
      .bytes();
}

void write_onnx(const std::filesystem::path& path, const nn::Model& model, const nn::LossOptions& loss, const Shape& sample,
                std::string_view name) {
  report::write_file(path, onnx_model(model, loss, sample, name));
}

}  // namespace emotrain::train
