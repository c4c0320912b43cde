#include "emotrain/train/onnx.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/random.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "emotrain/train/safetensors.hpp"
#include "nn/model_samples.hpp"
#include "support/temporary_directory.hpp"

/// The files' content. What other programs make of them is checked by tests/interop/check_onnx.py.
namespace emotrain::test {
namespace {

/// A field of a message: a number, or bytes (a text or a message).
struct WireField {
  int number = 0;
  std::uint64_t value = 0;
  std::string_view bytes;
};

std::uint64_t take_varint(std::string_view& from) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    REQUIRE(!from.empty());
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return value;
  }
}

std::vector<WireField> fields_of(std::string_view message) {
  std::vector<WireField> out;
  while (!message.empty()) {
    const std::uint64_t tag = take_varint(message);
    WireField field{.number = static_cast<int>(tag >> 3U), .value = 0, .bytes = {}};
    const unsigned wire_type = tag & 7U;
    REQUIRE((wire_type == 0 || wire_type == 2 || wire_type == 5));
    if (wire_type == 0) {
      field.value = take_varint(message);
    } else {
      const std::size_t size = wire_type == 5 ? 4 : take_varint(message);
      REQUIRE(size <= message.size());
      field.bytes = message.substr(0, size);
      message.remove_prefix(size);
    }
    out.push_back(field);
  }
  return out;
}

std::vector<std::string_view> all_bytes(std::string_view message, int number) {
  std::vector<std::string_view> out;
  for (const WireField& field : fields_of(message)) {
    if (field.number == number) out.push_back(field.bytes);
  }
  return out;
}

std::vector<Index> all_values(std::string_view message, int number) {
  std::vector<Index> out;
  for (const WireField& field : fields_of(message)) {
    if (field.number == number) out.push_back(static_cast<Index>(field.value));
  }
  return out;
}

std::string_view only_bytes(std::string_view message, int number) {
  const auto all = all_bytes(message, number);
  REQUIRE(all.size() == 1);
  return all[0];
}

Index only_value(std::string_view message, int number) {
  const auto all = all_values(message, number);
  REQUIRE(all.size() == 1);
  return all[0];
}

std::string graph_of(const ModelSample& sample, const nn::Model& model) {
  const Choice loss = choose(nn::losses(), sample.loss, {});
  const std::string file =
      train::onnx_model(model, dynamic_cast<const nn::LossOptions&>(*loss.options), sample.sample, "name of " + sample.name);
  return std::string(only_bytes(file, 7));
}

/// Weights, biases and running statistics as they might be after training.
void disturb(const nn::Model& model) {
  std::uint32_t number = 0;
  for (const nn::NamedTensor& tensor : train::weights(model)) {
    std::vector<Real> noise(static_cast<std::size_t>(tensor.value.size()));
    fill_normal({.seed = 11, .stream = Stream::test, .substream = number++}, 0, noise.data(), tensor.value.size(), 0, 0.3);
    const bool is_variance = tensor.name.ends_with("running_var");
    for (std::size_t i = 0; i < noise.size(); ++i) {
      Real& value = tensor.value.values()[i];
      value = is_variance ? std::exp(noise[i]) : value + noise[i];
    }
  }
}

/// Extents of a ValueInfoProto; those with a name are -1.
std::vector<Index> extents_of(std::string_view value_info) {
  const std::string_view tensor_type = only_bytes(only_bytes(value_info, 2), 1);
  CHECK(only_value(tensor_type, 1) == 1);
  std::vector<Index> out;
  for (const std::string_view dim : all_bytes(only_bytes(tensor_type, 2), 1)) {
    const auto values = all_values(dim, 1);
    out.push_back(values.empty() ? -1 : values[0]);
  }
  return out;
}

std::vector<Index> any_batch_of(const Shape& sample) {
  std::vector<Index> out{-1};
  out.insert(out.end(), sample.begin(), sample.end());
  return out;
}

TEST_CASE("the file says what it is made by and for, and names its graph") {
  const ModelSample& sample = model_samples().front();
  const auto model = build(sample.model, sample.sample, sample.classes);
  const Choice loss = choose(nn::losses(), sample.loss, {});
  const std::string file = train::onnx_model(*model, dynamic_cast<const nn::LossOptions&>(*loss.options), sample.sample, "my run");
  CHECK(only_value(file, 1) == 8);
  CHECK(only_bytes(file, 2) == "emotrain");
  CHECK(!only_bytes(file, 3).empty());
  CHECK(only_bytes(file, 6) == "A classifier of samples (n, 1, 6, 5): x -> logits of 4 classes.");
  CHECK(only_bytes(only_bytes(file, 7), 2) == "my run");
  CHECK(only_bytes(only_bytes(file, 8), 1).empty());
  CHECK(only_value(only_bytes(file, 8), 2) == 17);
}

TEST_CASE("every weight and running statistic is an initializer of its name, shape and bits") {
  for (const ModelSample& sample : model_samples()) {
    CAPTURE(sample.name);
    const auto model = build(sample.model, sample.sample, sample.classes);
    disturb(*model);
    const std::string graph = graph_of(sample, *model);
    std::map<std::string_view, std::string_view> initializers;
    for (const std::string_view tensor : all_bytes(graph, 5)) CHECK(initializers.emplace(only_bytes(tensor, 8), tensor).second);
    for (const nn::NamedTensor& weight : train::weights(*model)) {
      CAPTURE(weight.name);
      REQUIRE(initializers.contains(weight.name));
      const std::string_view tensor = initializers[weight.name];
      const Shape& shape = weight.value.shape();
      CHECK(all_values(tensor, 1) == std::vector<Index>(shape.begin(), shape.end()));
      CHECK(only_value(tensor, 2) == 1);
      const std::string_view raw = only_bytes(tensor, 9);
      REQUIRE(raw.size() == weight.value.values().size_bytes());
      CHECK(std::memcmp(raw.data(), weight.value.data(), raw.size()) == 0);
    }
  }
}

TEST_CASE("inputs and outputs have the names and shapes that are promised, for batches of any size") {
  for (const ModelSample& sample : model_samples()) {
    CAPTURE(sample.name);
    const auto model = build(sample.model, sample.sample, sample.classes);
    const std::string graph = graph_of(sample, *model);
    const std::string_view input = only_bytes(graph, 11);
    CHECK(only_bytes(input, 1) == "x");
    CHECK(extents_of(input) == any_batch_of(sample.sample));
    std::map<std::string, std::vector<Index>> outputs;
    for (const std::string_view output : all_bytes(graph, 12)) outputs[std::string(only_bytes(output, 1))] = extents_of(output);
    std::map<std::string, std::vector<Index>> expected;
    if (model->task() == nn::Task::classification) {
      expected["logits"] = {-1, sample.classes};
    } else {
      expected["reconstruction"] = any_batch_of(sample.sample);
    }
    if (model->latent_size() > 0) expected["mean"] = expected["log_variance"] = {-1, model->latent_size()};
    CHECK(outputs == expected);
    std::string last_operator;
    std::map<std::string_view, int> made;
    for (const std::string_view node : all_bytes(graph, 1)) {
      last_operator = only_bytes(node, 4);
      for (const std::string_view output : all_bytes(node, 2)) ++made[output];
    }
    for (const auto& [name, extents] : outputs) CHECK(made[name] == 1);
    const bool from_logits = sample.loss == "elbo" || sample.loss == "bce_with_logits";
    if (from_logits) CHECK(last_operator == "Sigmoid");
  }
}

TEST_CASE("operators carry the attributes of their layers") {
  const ModelSample sample{"conv",
                           {"sequential",
                            {},
                            {{"conv2d", {{"out_channels", 2.0}, {"kernel_size", 3.0}, {"stride", 2.0}, {"padding", 1.0}}},
                             {"batch_norm", {{"eps", 0.25}}},
                             {"flatten"},
                             {"linear", {{"out_features", 2.0}}}}},
                           "cross_entropy",
                           {1, 4, 4},
                           2};
  const std::string graph = graph_of(sample, *build(sample.model, sample.sample, sample.classes));
  const auto nodes = all_bytes(graph, 1);
  REQUIRE(nodes.size() == 4);
  CHECK(only_bytes(nodes[0], 4) == "Conv");
  const std::map<std::string, std::vector<Index>> expected{{"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}};
  std::map<std::string, std::vector<Index>> attributes;
  for (const std::string_view attribute : all_bytes(nodes[0], 5)) {
    CHECK(only_value(attribute, 20) == 7);
    attributes[std::string(only_bytes(attribute, 1))] = all_values(attribute, 8);
  }
  CHECK(attributes == expected);
  const std::string_view epsilon = only_bytes(nodes[1], 5);
  CHECK(only_bytes(epsilon, 1) == "epsilon");
  CHECK(only_value(epsilon, 20) == 1);
  float value = 0;
  std::memcpy(&value, only_bytes(epsilon, 2).data(), sizeof value);
  CHECK(value == 0.25F);
  CHECK(all_bytes(nodes[1], 1) == std::vector<std::string_view>{"0/Conv", "1.weight", "1.bias", "1.running_mean", "1.running_var"});
  CHECK(only_value(only_bytes(nodes[3], 5), 3) == 1);
  CHECK(only_bytes(nodes[3], 2) == "logits");
}

TEST_CASE("the file is written whole, and not over what it cannot replace") {
  const TemporaryDirectory folder;
  const ModelSample& sample = model_samples().front();
  const auto model = build(sample.model, sample.sample, sample.classes);
  const Choice loss = choose(nn::losses(), sample.loss, {});
  const auto& options = dynamic_cast<const nn::LossOptions&>(*loss.options);
  train::write_onnx(folder / "a.onnx", *model, options, sample.sample, "a");
  std::ifstream file(folder / "a.onnx", std::ios::binary);
  const std::string written{std::istreambuf_iterator<char>(file), {}};
  CHECK(written == train::onnx_model(*model, options, sample.sample, "a"));
  CHECK(kind_of([&] { train::write_onnx(folder / "absent/a.onnx", *model, options, sample.sample, "a"); }) == ErrorKind::cannot_create);
}

/// What the model computes, under the names of the file's inputs and outputs.
std::vector<nn::NamedTensor> computed(nn::Model& model, const nn::LossOptions& loss, const Tensor& x) {
  const autograd::NoGrad guard;
  const nn::Context context{.training = false};
  const nn::ModelOutput output = model.run(x, context);
  std::vector<nn::NamedTensor> out{{"x", x}};
  if (model.task() == nn::Task::classification) {
    out.push_back({"logits", output.output});
    return out;
  }
  const Tensor decoded = output.mean.defined() ? model.decode(output.mean, context) : output.output;
  out.push_back({"reconstruction", loss.output_is_logits() ? ops::sigmoid(decoded) : decoded});
  if (output.mean.defined()) {
    out.push_back({"mean", output.mean});
    out.push_back({"log_variance", output.log_variance});
  }
  return out;
}

TEST_CASE("models and their results are written for tests/interop/check_onnx.py" *
          doctest::skip(std::getenv("EMOTRAIN_ONNX_SAMPLES") == nullptr)) {
  const std::filesystem::path folder = std::getenv("EMOTRAIN_ONNX_SAMPLES");
  std::filesystem::create_directories(folder);
  for (const ModelSample& sample : model_samples()) {
    CAPTURE(sample.name);
    const auto model = build(sample.model, sample.sample, sample.classes);
    disturb(*model);
    const Choice choice = choose(nn::losses(), sample.loss, {});
    const auto& loss = dynamic_cast<const nn::LossOptions&>(*choice.options);
    train::write_onnx(folder / (sample.name + ".onnx"), *model, loss, sample.sample, sample.name);
    train::write_safetensors(folder / (sample.name + ".safetensors"), computed(*model, loss, normal_batch(batch_shape(5, sample.sample))));
  }
}

}  // namespace
}  // namespace emotrain::test
