#include <array>

#include "emotrain/nn/layer_options.hpp"

namespace emotrain::nn {

const OptionsTable& layers() {
  using Kind = Nonlinearity::Kind;
  static constexpr std::array entries{
      OptionsEntry{"linear", "x weight^T + bias on flat samples", "torch.nn.Linear", make_options<LinearOptions>},
      OptionsEntry{"conv2d", "convolution of images", "torch.nn.Conv2d", make_options<Conv2dOptions>},
      OptionsEntry{"conv_transpose2d", "transposed convolution of images", "torch.nn.ConvTranspose2d",
                   make_options<ConvTranspose2dOptions>},
      OptionsEntry{"relu", "max(x, 0)", "torch.nn.ReLU", make_options<NonlinearityOptions<Kind::relu>>},
      OptionsEntry{"leaky_relu", "x > 0 ? x : negative_slope x", "torch.nn.LeakyReLU", make_options<LeakyReluOptions>},
      OptionsEntry{"gelu", "x Phi(x), exact", "torch.nn.GELU", make_options<NonlinearityOptions<Kind::gelu>>},
      OptionsEntry{"silu", "x sigmoid(x)", "torch.nn.SiLU", make_options<NonlinearityOptions<Kind::silu>>},
      OptionsEntry{"tanh", "hyperbolic tangent", "torch.nn.Tanh", make_options<NonlinearityOptions<Kind::tanh>>},
      OptionsEntry{"sigmoid", "1 / (1 + exp(-x))", "torch.nn.Sigmoid", make_options<NonlinearityOptions<Kind::sigmoid>>},
      OptionsEntry{"softplus", "log(1 + exp(x))", "torch.nn.Softplus", make_options<NonlinearityOptions<Kind::softplus>>},
      OptionsEntry{"max_pool2d", "maximum over windows", "torch.nn.MaxPool2d", make_options<MaxPool2dOptions>},
      OptionsEntry{"avg_pool2d", "mean over windows", "torch.nn.AvgPool2d", make_options<AvgPool2dOptions>},
      OptionsEntry{"batch_norm", "normalises each channel over the batch", "torch.nn.BatchNorm1d, BatchNorm2d",
                   make_options<BatchNormOptions>},
      OptionsEntry{"group_norm", "normalises groups of channels of each sample", "torch.nn.GroupNorm", make_options<GroupNormOptions>},
      OptionsEntry{"layer_norm", "normalises the last axis of each sample", "torch.nn.LayerNorm", make_options<LayerNormOptions>},
      OptionsEntry{"dropout", "zeroes values at random while training", "torch.nn.Dropout", make_options<DropoutOptions>},
      OptionsEntry{"upsample", "repeats pixels (nearest neighbour)", "torch.nn.Upsample", make_options<UpsampleOptions>},
      OptionsEntry{"flatten", "makes samples flat", "torch.nn.Flatten", make_options<FlattenOptions>},
      OptionsEntry{"unflatten", "gives flat samples a shape", "torch.nn.Unflatten", make_options<UnflattenOptions>},
  };
  static constexpr OptionsTable table{.kind = "layer", .tag = "type", .entries = entries};
  return table;
}

}  // namespace emotrain::nn
