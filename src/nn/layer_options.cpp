#include "emotrain/nn/layer_options.hpp"

#include "emotrain/core/error.hpp"
#include "nn/windows.hpp"

namespace emotrain::nn {
namespace {

constexpr Range units{.min = 1, .max = static_cast<double>(max_units)};
constexpr Range window{.min = 1, .max = 1024};
constexpr Range border{.min = 0, .max = 1024};

void require_image(const Shape& sample) {
  if (sample.rank() == 3) return;
  fail(ErrorKind::usage,
       "needs images (channels,height,width), but gets samples of shape {}: put {{\"type\": \"unflatten\", "
       "\"unflattened_size\": [channels, height, width]}} before it",
       sample);
}

void require_flat(const Shape& sample) {
  if (sample.rank() == 1) return;
  fail(ErrorKind::usage, "needs flat samples, but gets samples of shape {}: put {{\"type\": \"flatten\"}} before it", sample);
}

void check_given(const char* key, Index value) {
  if (value < 1) fail(ErrorKind::usage, "{}: is missing or {}: give a number from 1 to {}", key, value, max_units);
}

struct Window {
  Index kernel;
  Index stride;
  Index padding;
};

void check_window(const Window& w) {
  if (w.kernel < 1) fail(ErrorKind::usage, "kernel_size: {} is too small: give at least 1", w.kernel);
  if (w.stride < 1) fail(ErrorKind::usage, "stride: {} is too small: give at least 1", w.stride);
  if (w.padding < 0) fail(ErrorKind::usage, "padding: {} is negative: give at least 0", w.padding);
}

Shape windows(const Shape& sample, Index channels, const Window& w) {
  Shape result{channels};
  for (int axis : {1, 2}) {
    if (sample[axis] + 2 * w.padding < w.kernel) {
      fail(ErrorKind::usage, "kernel_size {} does not fit an image of {} x {} with padding {}: make kernel_size smaller or padding larger",
           w.kernel, sample[1], sample[2], w.padding);
    }
    result.push_back(window_places(sample[axis], w.kernel, w.stride, w.padding));
  }
  return result;
}

}  // namespace

void LinearOptions::fields(FieldVisitor& visitor) {
  visitor.field({"out_features", "size of each result", units}, out_features);
  visitor.field({"bias", "whether to add a trained bias"}, bias);
}

void LinearOptions::check() const { check_given("out_features", out_features); }

std::unique_ptr<Module> LinearOptions::build(Shape& sample, Initializer& init) const {
  require_flat(sample);
  const Index in = sample[0];
  sample = {out_features};
  return std::make_unique<Linear>(in, out_features, bias, init);
}

void Conv2dOptions::fields(FieldVisitor& visitor) {
  visitor.field({"out_channels", "number of channels of the result", units}, out_channels);
  visitor.field({"kernel_size", "height and width of the kernel", window}, kernel_size);
  visitor.field({"stride", "step of the kernel in both directions", window}, stride);
  visitor.field({"padding", "rows and columns of zeros on each side", border}, padding);
  visitor.field({"bias", "whether to add a trained bias"}, bias);
}

void Conv2dOptions::check() const {
  check_given("out_channels", out_channels);
  check_window({kernel_size, stride, padding});
}

std::unique_ptr<Module> Conv2dOptions::build(Shape& sample, Initializer& init) const {
  require_image(sample);
  const Index in = sample[0];
  sample = windows(sample, out_channels, {kernel_size, stride, padding});
  return std::make_unique<Conv2d>(in, out_channels, kernel_size, ops::ConvOptions{.stride = stride, .padding = padding}, bias, init);
}

void ConvTranspose2dOptions::fields(FieldVisitor& visitor) {
  Conv2dOptions::fields(visitor);
  visitor.field({"output_padding", "rows and columns added at the bottom and right of the result; less than stride", border},
                output_padding);
}

void ConvTranspose2dOptions::check() const {
  Conv2dOptions::check();
  if (output_padding < 0 || output_padding >= stride) {
    fail(ErrorKind::usage, "output_padding: {} is not from 0 to {}: it must be less than stride", output_padding, stride - 1);
  }
}

std::unique_ptr<Module> ConvTranspose2dOptions::build(Shape& sample, Initializer& init) const {
  require_image(sample);
  const Index in = sample[0];
  Shape result{out_channels};
  for (int axis : {1, 2}) {
    const Index extent = transposed_extent(sample[axis], kernel_size, stride, padding, output_padding);
    if (extent < 1) {
      fail(ErrorKind::usage, "padding {} leaves nothing of an image of {} x {}: make padding smaller or kernel_size larger", padding,
           sample[1], sample[2]);
    }
    result.push_back(extent);
  }
  sample = result;
  const ops::ConvOptions options{.stride = stride, .padding = padding, .output_padding = output_padding};
  return std::make_unique<ConvTranspose2d>(in, out_channels, kernel_size, options, bias, init);
}

void LeakyReluOptions::fields(FieldVisitor& visitor) {
  visitor.field({"negative_slope", "factor for negative values", {.min = 0}}, negative_slope);
}

std::unique_ptr<Module> LeakyReluOptions::build(Shape& /*sample*/, Initializer& /*init*/) const {
  return std::make_unique<Nonlinearity>(Nonlinearity::Kind::leaky_relu, negative_slope);
}

void PoolLayerOptions::fields(FieldVisitor& visitor) {
  visitor.field({"kernel_size", "height and width of the window", window}, kernel_size);
  visitor.field({"stride", "step of the window in both directions; none: kernel_size", window}, stride);
  visitor.field({"padding", "rows and columns on each side; at most half of kernel_size", border}, padding);
}

void PoolLayerOptions::check() const {
  check_window({kernel_size, stride.value_or(kernel_size), padding});
  if (padding > kernel_size / 2) fail(ErrorKind::usage, "padding: {} is more than half of kernel_size {}: give less", padding, kernel_size);
}

ops::PoolOptions PoolLayerOptions::resolve(Shape& sample) const {
  require_image(sample);
  const ops::PoolOptions options{.kernel = kernel_size, .stride = stride.value_or(kernel_size), .padding = padding};
  sample = windows(sample, sample[0], {options.kernel, options.stride, options.padding});
  return options;
}

std::unique_ptr<Module> MaxPool2dOptions::build(Shape& sample, Initializer& /*init*/) const {
  return std::make_unique<MaxPool2d>(resolve(sample));
}

std::unique_ptr<Module> AvgPool2dOptions::build(Shape& sample, Initializer& /*init*/) const {
  return std::make_unique<AvgPool2d>(resolve(sample));
}

void BatchNormOptions::fields(FieldVisitor& visitor) {
  visitor.field({"eps", "added to the variance", {.above = 0}}, eps);
  visitor.field({"momentum", "weight of the newest batch in the running statistics", {.min = 0, .max = 1}}, momentum);
}

std::unique_ptr<Module> BatchNormOptions::build(Shape& sample, Initializer& init) const {
  if (sample.rank() != 1 && sample.rank() != 3) {
    fail(ErrorKind::usage, "needs flat samples or images, but gets samples of shape {}: put {{\"type\": \"flatten\"}} before it", sample);
  }
  return std::make_unique<BatchNorm>(sample[0], momentum, eps, init);
}

void GroupNormOptions::fields(FieldVisitor& visitor) {
  visitor.field({"num_groups", "groups of channels that share their statistics; divides the channels", units}, num_groups);
  visitor.field({"eps", "added to the variance", {.above = 0}}, eps);
}

void GroupNormOptions::check() const { check_given("num_groups", num_groups); }

std::unique_ptr<Module> GroupNormOptions::build(Shape& sample, Initializer& init) const {
  if (sample[0] % num_groups != 0) {
    fail(ErrorKind::usage, "num_groups {} does not divide {} channels: give a divisor", num_groups, sample[0]);
  }
  return std::make_unique<GroupNorm>(num_groups, sample[0], eps, init);
}

void LayerNormOptions::fields(FieldVisitor& visitor) { visitor.field({"eps", "added to the variance", {.above = 0}}, eps); }

std::unique_ptr<Module> LayerNormOptions::build(Shape& sample, Initializer& init) const {
  return std::make_unique<LayerNorm>(sample[-1], eps, init);
}

void DropoutOptions::fields(FieldVisitor& visitor) {
  visitor.field({"p", "probability of a zero while training", {.min = 0, .below = 1}}, p);
}

void DropoutOptions::check() const {
  if (!(p >= 0 && p < 1)) fail(ErrorKind::usage, "p: {} is not a probability of at least 0 and less than 1", p);
}

std::unique_ptr<Module> DropoutOptions::build(Shape& /*sample*/, Initializer& init) const {
  return std::make_unique<Dropout>(p, init.next_dropout());
}

void UpsampleOptions::fields(FieldVisitor& visitor) {
  visitor.field({"scale_factor", "how often each pixel is repeated in both directions", window}, scale_factor);
}

void UpsampleOptions::check() const { check_given("scale_factor", scale_factor); }

std::unique_ptr<Module> UpsampleOptions::build(Shape& sample, Initializer& /*init*/) const {
  require_image(sample);
  sample = {sample[0], sample[1] * scale_factor, sample[2] * scale_factor};
  return std::make_unique<Upsample>(scale_factor);
}

std::unique_ptr<Module> FlattenOptions::build(Shape& sample, Initializer& /*init*/) const {
  sample = {sample.size()};
  return std::make_unique<Flatten>();
}

void UnflattenOptions::fields(FieldVisitor& visitor) {
  visitor.field({"unflattened_size", "the shape to give each flat sample: [channels, height, width]", units}, unflattened_size);
}

void UnflattenOptions::check() const {
  if (unflattened_size.empty() || unflattened_size.size() >= Shape::max_rank) {
    fail(ErrorKind::usage, "unflattened_size: a list of {}: give 1 to {} numbers", unflattened_size.size(), Shape::max_rank - 1);
  }
  for (const Index extent : unflattened_size) check_given("unflattened_size", extent);
}

std::unique_ptr<Module> UnflattenOptions::build(Shape& sample, Initializer& /*init*/) const {
  require_flat(sample);
  const Shape result{std::span<const Index>(unflattened_size)};
  double size = 1;
  for (const Index extent : unflattened_size) size *= static_cast<double>(extent);
  if (size != static_cast<double>(sample[0])) {
    fail(ErrorKind::usage, "unflattened_size {} cannot hold the {} values of a sample: make its product {}", result, sample[0], sample[0]);
  }
  sample = result;
  return std::make_unique<Unflatten>(result);
}

}  // namespace emotrain::nn
