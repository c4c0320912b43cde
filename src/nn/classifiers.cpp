#include <array>

#include "emotrain/core/error.hpp"
#include "emotrain/nn/layers.hpp"
#include "emotrain/nn/models.hpp"
#include "nn/networks.hpp"
#include "nn/options_checks.hpp"

namespace emotrain::nn {
namespace {

constexpr double norm_eps = 1e-5;
constexpr double norm_momentum = 0.1;

constexpr std::array mlp_norms{"none", "batch_norm", "layer_norm"};
constexpr std::array cnn_norms{"none", "batch_norm"};

void require_classes(const char* model, Index classes) {
  if (classes < 2) {
    fail(ErrorKind::usage, "name: {} is a classifier, but the data has {} classes: choose data with labels, or an autoencoder", model,
         classes);
  }
}

}  // namespace

void MlpOptions::fields(FieldVisitor& visitor) {
  visitor.field({"hidden", "sizes of the hidden layers, first to last", unit_range}, hidden);
  visit_activation(visitor, activation);
  visitor.field({"dropout", "probability of dropout behind each hidden layer", {.min = 0, .below = 1}}, dropout);
  visitor.field({"norm", "normalisation before each activation", {}, mlp_norms}, norm);
  NetworkOptions::fields(visitor);
}

void MlpOptions::check() const { check_count("hidden", hidden.size(), 0); }

std::unique_ptr<Model> MlpOptions::construct(const Shape& sample, Index classes, Initializer& init) const {
  require_classes("mlp", classes);
  const auto kind = Nonlinearity::named(activation);
  auto body = std::make_unique<Sequential>();
  body->append<Flatten>();
  at("hidden", [&] {
    Index width = sample.size();
    for (const Index units : hidden) {
      body->append<Linear>(width, units, true, init);
      if (norm == "batch_norm") body->append<BatchNorm>(units, norm_momentum, norm_eps, init);
      if (norm == "layer_norm") body->append<LayerNorm>(units, norm_eps, init);
      body->append<Nonlinearity>(kind);
      if (dropout > 0) body->append<Dropout>(dropout, init.next_dropout());
      width = units;
    }
    body->append<Linear>(width, classes, true, init);
  });
  return std::make_unique<Chain>(std::move(body), Task::classification);
}

void CnnOptions::fields(FieldVisitor& visitor) {
  visitor.field({"channels", "channels of the blocks, first to last; each block halves height and width", unit_range}, channels);
  visitor.field({"kernel_size", "height and width of the kernels, odd", {.min = 1, .max = 31}}, kernel_size);
  visit_activation(visitor, activation);
  visitor.field({"dropout", "probability of dropout before the last layer", {.min = 0, .below = 1}}, dropout);
  visitor.field({"norm", "normalisation before each activation", {}, cnn_norms}, norm);
  NetworkOptions::fields(visitor);
}

void CnnOptions::check() const {
  check_count("channels", channels.size(), 1);
  if (kernel_size < 1 || kernel_size % 2 == 0) {
    fail(ErrorKind::usage, "kernel_size: {} has no middle, so the result would not keep the image's size: give an odd number", kernel_size);
  }
}

std::unique_ptr<Model> CnnOptions::construct(const Shape& sample, Index classes, Initializer& init) const {
  require_classes("cnn", classes);
  if (sample.rank() != 3) {
    fail(ErrorKind::usage,
         "name: cnn needs images (channels,height,width), but the data has samples of shape {}: choose mlp, or image data", sample);
  }
  const auto kind = Nonlinearity::named(activation);
  auto body = std::make_unique<Sequential>();
  at("channels", [&] {
    Shape shape = sample;
    for (const Index next : channels) {
      body->append<Conv2d>(shape[0], next, kernel_size, ops::ConvOptions{.stride = 1, .padding = kernel_size / 2}, true, init);
      if (norm == "batch_norm") body->append<BatchNorm>(next, norm_momentum, norm_eps, init);
      body->append<Nonlinearity>(kind);
      body->append<MaxPool2d>(ops::PoolOptions{});
      check_sample_size({next, shape[1], shape[2]});
      shape = {next, shape[1] / 2, shape[2] / 2};
      if (shape.size() == 0)
        fail(ErrorKind::usage, "{} blocks halve the images of shape {} to nothing: give fewer", channels.size(), sample);
    }
    body->append<Flatten>();
    if (dropout > 0) body->append<Dropout>(dropout, init.next_dropout());
    body->append<Linear>(shape.size(), classes, true, init);
  });
  return std::make_unique<Chain>(std::move(body), Task::classification);
}

}  // namespace emotrain::nn
