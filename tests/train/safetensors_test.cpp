#include "emotrain/train/safetensors.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "nn/layer_list.hpp"
#include "support/temporary_directory.hpp"

using namespace emotrain;

namespace {

void write_bytes(const std::filesystem::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string with_size(const std::string& header, std::size_t values, std::uint64_t size) {
  std::string bytes(sizeof(size), '\0');
  for (std::size_t i = 0; i < sizeof(size); ++i) bytes[i] = static_cast<char>(size >> (8 * i) & 255U);
  return bytes + header + std::string(values, '\1');
}

std::string file_of(const std::string& header, std::size_t values) { return with_size(header, values, header.size()); }

std::string error_text(const std::filesystem::path& path) {
  try {
    train::read_safetensors(path);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::data);
    return error.what();
  }
  return "no error";
}

const test::ModelText model_text{
    "sequential", {}, {{"flatten"}, {"linear", {{"out_features", 3.0}}}, {"batch_norm"}, {"relu"}, {"linear", {{"out_features", 2.0}}}}};

}  // namespace

TEST_CASE("tensors come back with their names, order, shapes and bits") {
  const TemporaryDirectory directory;
  const auto path = directory / "a.safetensors";
  const std::vector<nn::NamedTensor> written{{"z.weight", test::normal_batch({3, 1, 2})},
                                             {"a \"quoted\" name", Tensor::full({}, Real(-0.0))},
                                             {"bias", test::normal_batch({5}, 2)},
                                             {"none", Tensor::empty({0, 4})}};
  train::write_safetensors(path, written);
  const std::vector<nn::NamedTensor> read = train::read_safetensors(path);
  REQUIRE(read.size() == written.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    CHECK(read[i].name == written[i].name);
    CHECK(read[i].value.shape() == written[i].value.shape());
    CHECK(std::ranges::equal(read[i].value.values(), written[i].value.values(),
                             [](Real a, Real b) { return std::memcmp(&a, &b, sizeof(a)) == 0; }));
  }

  const std::string bytes = read_bytes(path);
  const std::size_t header_bytes = static_cast<unsigned char>(bytes[0]) + 256U * static_cast<unsigned char>(bytes[1]);
  const auto header = nlohmann::json::parse(bytes.substr(8, header_bytes));
  CHECK(header_bytes % 8 == 0);
  CHECK(header["__metadata__"] == nlohmann::json{{"format", "pt"}});
  CHECK(header["z.weight"] == nlohmann::json{{"dtype", "F32"}, {"shape", {3, 1, 2}}, {"data_offsets", {0, 24}}});
  CHECK(bytes.size() == 8 + header_bytes + 4 * (6 + 1 + 5));
}

TEST_CASE("malformed files are refused") {
  struct Row {
    const char* part;  ///< of the message
    std::string bytes;
  };
  const std::string good = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const Row table[] = {
      {"no error", file_of(good, 8)},
      {"no error", file_of(good + "   ", 8)},
      {"no error", file_of(R"({"__metadata__":{"x":"y"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})", 4)},
      {"no error", file_of(R"({"n.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]}})", 8)},
      {"too few for the size", ""},
      {"too few for the size", std::string(7, '\0')},
      {"a header of 1000 bytes", with_size(good, 8, 1000)},
      {"a header of 18446744073709551615 bytes", with_size(good, 8, ~std::uint64_t{0})},
      {"a header of 9000000 bytes", with_size(std::string(9'000'000, ' '), 8, 9'000'000)},
      {"does not begin with '{'", with_size(good, 8, 0)},
      {"does not begin with '{'", file_of(" " + good, 8)},
      {"does not begin with '{'", file_of("[1]", 0)},
      {"the header is no JSON", file_of("{\"a\":", 0)},
      {"the header is no JSON", file_of(good + "x", 8)},
      {"the header is no JSON", file_of("{\"\xff\":1}", 0)},
      {"the header is no JSON", file_of(std::string(100'000, '{'), 0)},
      {"the key \"a\" twice", file_of(R"({"a":1,"a":2})", 0)},
      {"the key \"dtype\" twice", file_of(R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8)},
      {"exactly dtype, shape and data_offsets", file_of(R"({"a":[]})", 0)},
      {"exactly dtype, shape and data_offsets", file_of(R"({"a":{"dtype":"F32","shape":[2]}})", 8)},
      {"exactly dtype, shape and data_offsets", file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", 8)},
      {"there is no dtype \"f32\"", file_of(R"({"a":{"dtype":"f32","shape":[2],"data_offsets":[0,8]}})", 8)},
      {"there is no dtype 32", file_of(R"({"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}})", 8)},
      {"values are F16", file_of(R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", 4)},
      {"values are I64", file_of(R"({"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}})", 8)},
      {"values are F64", file_of(R"({"num_batches_tracked":{"dtype":"F64","shape":[],"data_offsets":[0,8]}})", 8)},
      {"the shape is no array", file_of(R"({"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})", 8)},
      {"the shape is no array", file_of(R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}})", 8)},
      {"-2 is no extent", file_of(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8)},
      {"2.0 is no extent", file_of(R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", 8)},
      {"9223372036854775808 is no extent", file_of(R"({"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}})", 8)},
      {"too large", file_of(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0)},
      {"too large", file_of(R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0)},
      {"no two whole numbers", file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}})", 8)},
      {"no two whole numbers", file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})", 8)},
      {"takes 8 bytes", file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4)},
      {"takes 8 bytes", file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8)},
      {"the tensors take 8 bytes, the file has 4", file_of(good, 4)},
      {"the tensors take 8 bytes, the file has 9", file_of(good, 9)},
      {"the tensors take 0 bytes, the file has 8", file_of("{}", 8)},
      {"start at byte 4", file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8)},
      {"b: values start at byte 4, those before it end at 8",
       file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12)},
      {"start at byte 12",
       file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})", 16)},
      {"strings", file_of(R"({"__metadata__":{"format":1}})", 0)},
      {"strings", file_of(R"({"__metadata__":"pt"})", 0)},
  };
  const TemporaryDirectory directory;
  const auto path = directory / "a.safetensors";
  for (const auto& [part, bytes] : table) {
    write_bytes(path, bytes);
    const std::string text = error_text(path);
    CAPTURE(part);
    CAPTURE(text);
    CHECK(text.find(part) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
  }
  CHECK(kind_of([&] { train::read_safetensors(directory / "missing"); }) == ErrorKind::missing);
  CHECK(kind_of([&] { train::read_safetensors(directory.path()); }) == ErrorKind::data);
  CHECK(kind_of([&] { train::read_safetensors("/dev/zero"); }) == ErrorKind::data);
}

TEST_CASE("a model's weights, running statistics included, come back through a file") {
  const TemporaryDirectory directory;
  const auto path = directory / "model.safetensors";
  const auto model = test::build(model_text, {4}, 2, 1);
  model->run(test::normal_batch({6, 4}), {.training = true});  // moves the running statistics
  train::write_safetensors(path, train::weights(*model));
  const auto other = test::build(model_text, {4}, 2, 2);
  train::load_weights(*other, path);
  const auto expected = train::weights(*model);
  const auto loaded = train::weights(*other);
  REQUIRE(loaded.size() == 8);
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    CHECK(loaded[i].name == expected[i].name);
    CHECK(std::ranges::equal(loaded[i].value.values(), expected[i].value.values()));
  }
}

TEST_CASE("weights that do not fit change nothing, and the error lists what is wrong") {
  const TemporaryDirectory directory;
  const auto path = directory / "model.safetensors";
  const auto model = test::build(model_text, {4}, 2, 1);
  auto tensors = train::weights(*test::build(model_text, {4}, 2, 2));
  tensors[0].value = test::normal_batch({3, 5});
  tensors[1].name = "1.offset";
  train::write_safetensors(path, tensors);
  std::vector<Real> before;
  for (const auto& [name, value] : train::weights(*model)) before.insert(before.end(), value.values().begin(), value.values().end());

  std::string text;
  try {
    train::load_weights(*model, path);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    text = error.what();
  }
  CHECK(text ==
        path.string() +
            ": these weights do not fit the model; missing: 1.bias (3); of another shape: 1.weight (3,5) instead of (3,4); not in the "
            "model: 1.offset (3); give the file of a model with the same options");
  std::vector<Real> after;
  for (const auto& [name, value] : train::weights(*model)) after.insert(after.end(), value.values().begin(), value.values().end());
  CHECK(after == before);
}
