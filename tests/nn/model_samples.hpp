#pragma once
#include <string>
#include <vector>

#include "nn/layer_list.hpp"

/// Small models that have every layer and every option that changes what is computed.
namespace emotrain::test {

struct ModelSample {
  std::string name;
  ModelText model;
  std::string loss;
  Shape sample;
  Index classes = 0;
};

inline const std::vector<ModelSample>& model_samples() {
  using Sizes = std::vector<Index>;
  static const std::vector<ModelSample> samples{
      {"mlp", {"mlp", {{"hidden", Sizes{9, 7}}}}, "cross_entropy", {1, 6, 5}, 4},
      {"mlp_flat", {"mlp", {{"hidden", Sizes{}}}}, "cross_entropy", {13}, 3},
      {"mlp_batch_norm",
       {"mlp", {{"hidden", Sizes{8, 6}}, {"norm", "batch_norm"}, {"dropout", 0.5}, {"activation", "gelu"}}},
       "cross_entropy",
       {13},
       3},
      {"mlp_layer_norm", {"mlp", {{"hidden", Sizes{8}}, {"norm", "layer_norm"}, {"activation", "silu"}}}, "cross_entropy", {13}, 3},
      {"cnn", {"cnn", {{"channels", Sizes{4, 6}}}}, "cross_entropy", {1, 12, 10}, 5},
      {"cnn_batch_norm",
       {"cnn", {{"channels", Sizes{4, 6}}, {"kernel_size", 5.0}, {"norm", "batch_norm"}, {"dropout", 0.25}, {"activation", "leaky_relu"}}},
       "cross_entropy",
       {3, 9, 7},
       2},
      {"mlp_autoencoder", {"mlp_autoencoder", {{"hidden", Sizes{16, 8}}, {"latent", 4.0}, {"activation", "tanh"}}}, "mse", {3, 6, 5}},
      {"mlp_autoencoder_flat", {"mlp_autoencoder", {{"hidden", Sizes{16}}, {"latent", 2.0}}}, "huber", {7}},
      {"mlp_autoencoder_logits", {"mlp_autoencoder", {{"hidden", Sizes{16}}, {"latent", 4.0}}}, "bce_with_logits", {1, 4, 4}},
      {"conv_autoencoder", {"conv_autoencoder", {{"channels", Sizes{4, 6}}, {"latent", 5.0}}}, "mse", {1, 12, 8}},
      {"conv_autoencoder_logits",
       {"conv_autoencoder", {{"channels", Sizes{4}}, {"latent", 5.0}, {"activation", "softplus"}}},
       "bce_with_logits",
       {3, 8, 8}},
      {"conv_vae", {"conv_vae", {{"channels", Sizes{4, 6}}, {"latent", 3.0}}}, "elbo", {1, 8, 12}},
      {"sequential_classifier",
       {"sequential",
        {},
        {{"conv2d", {{"out_channels", 4.0}, {"kernel_size", 3.0}, {"stride", 2.0}, {"padding", 1.0}, {"bias", 0.0}}},
         {"batch_norm", {{"eps", 1e-3}}},
         {"silu"},
         {"group_norm", {{"num_groups", 2.0}, {"eps", 1e-4}}},
         {"avg_pool2d", {{"kernel_size", 2.0}, {"stride", 1.0}, {"padding", 1.0}}},
         {"upsample", {{"scale_factor", 2.0}}},
         {"conv_transpose2d", {{"out_channels", 2.0}, {"kernel_size", 3.0}, {"stride", 2.0}, {"padding", 1.0}, {"output_padding", 1.0}}},
         {"flatten"},
         {"layer_norm"},
         {"dropout"},
         {"linear", {{"out_features", 3.0}}},
         {"leaky_relu", {{"negative_slope", 0.2}}}}},
       "cross_entropy",
       {2, 6, 6},
       3},
      {"sequential_autoencoder",
       {"sequential",
        {},
        {{"conv2d", {{"out_channels", 3.0}, {"kernel_size", 2.0}, {"padding", 1.0}}},
         {"max_pool2d", {{"kernel_size", 3.0}, {"stride", 2.0}, {"padding", 1.0}}},
         {"relu"},
         {"layer_norm"},
         {"flatten"},
         {"linear", {{"out_features", 6.0}, {"bias", 0.0}}},
         {"group_norm", {{"num_groups", 3.0}}},
         {"gelu"},
         {"linear", {{"out_features", 32.0}}},
         {"softplus"},
         {"unflatten", {{"unflattened_size", Sizes{2, 4, 4}}}},
         {"avg_pool2d"},
         {"tanh"},
         {"upsample", {{"scale_factor", 3.0}}},
         {"conv_transpose2d", {{"out_channels", 1.0}, {"kernel_size", 2.0}, {"bias", 0.0}}},
         {"sigmoid"},
         {"dropout", {{"p", 0.0}}}}},
       "l1",
       {1, 7, 7}},
  };
  return samples;
}

}  // namespace emotrain::test
