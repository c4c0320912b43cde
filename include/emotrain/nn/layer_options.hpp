#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emotrain/core/options.hpp"
#include "emotrain/nn/init.hpp"
#include "emotrain/nn/layers.hpp"

/// The layers of the model `sequential`: rows of `layers()`, with PyTorch's option names and defaults. Sizes of inputs are not given: they
/// follow from the sample's shape.
namespace emotrain::nn {

/// The largest number of features or channels of a layer.
inline constexpr Index max_units = Index{1} << 20;

struct LayerOptions : Options {
  /// Builds the layer for samples of this shape (without the batch's axis) and turns it into the result's. Throws Error{usage} when they do
  /// not fit. check() must have passed.
  virtual std::unique_ptr<Module> build(Shape& sample, Initializer& init) const = 0;
};

struct LinearOptions : LayerOptions {
  Index out_features = 0;
  bool bias = true;
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct Conv2dOptions : LayerOptions {
  Index out_channels = 0;
  Index kernel_size = 3;
  Index stride = 1;
  Index padding = 0;
  bool bias = true;
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct ConvTranspose2dOptions : Conv2dOptions {
  Index output_padding = 0;
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

/// relu, gelu, silu, tanh, sigmoid, softplus.
template <Nonlinearity::Kind kind>
struct NonlinearityOptions : LayerOptions {
  void fields(FieldVisitor& /*visitor*/) override {}
  std::unique_ptr<Module> build(Shape& /*sample*/, Initializer& /*init*/) const override { return std::make_unique<Nonlinearity>(kind); }
};

struct LeakyReluOptions : LayerOptions {
  double negative_slope = 0.01;
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct PoolLayerOptions : LayerOptions {
  Index kernel_size = 2;
  /// None: kernel_size.
  std::optional<Index> stride;
  Index padding = 0;
  void fields(FieldVisitor& visitor) override;
  void check() const override;

 protected:
  ops::PoolOptions resolve(Shape& sample) const;
};

struct MaxPool2dOptions : PoolLayerOptions {
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct AvgPool2dOptions : PoolLayerOptions {
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct BatchNormOptions : LayerOptions {
  double eps = 1e-5;
  double momentum = 0.1;
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct GroupNormOptions : LayerOptions {
  Index num_groups = 0;
  double eps = 1e-5;
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct LayerNormOptions : LayerOptions {
  double eps = 1e-5;
  void fields(FieldVisitor& visitor) override;
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct DropoutOptions : LayerOptions {
  double p = 0.5;
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct UpsampleOptions : LayerOptions {
  Index scale_factor = 2;
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct FlattenOptions : LayerOptions {
  void fields(FieldVisitor& /*visitor*/) override {}
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

struct UnflattenOptions : LayerOptions {
  std::vector<Index> unflattened_size;
  void fields(FieldVisitor& visitor) override;
  void check() const override;
  std::unique_ptr<Module> build(Shape& sample, Initializer& init) const override;
};

/// linear, conv2d, conv_transpose2d, relu, leaky_relu, gelu, silu, tanh, sigmoid, softplus, max_pool2d, avg_pool2d, batch_norm, group_norm,
/// layer_norm, dropout, upsample, flatten, unflatten; the tag is "type".
const OptionsTable& layers();

}  // namespace emotrain::nn
