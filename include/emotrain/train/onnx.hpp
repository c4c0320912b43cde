#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "emotrain/nn/model.hpp"

/// Models for other programs, in the format of ONNX (https://github.com/onnx/onnx, onnx/onnx.proto; opset 17, IR version 8).
namespace emotrain::train {

/// A ModelProto that computes what the model does in evaluation mode: dropout is off, batch norms use their running statistics, and a VAE
/// decodes its mean latents. All values are float32. Input: `x`, any number of samples. Outputs: `logits` (n, classes) of a classifier,
/// else `reconstruction` (n, sample...), which is sigmoid(output) under a loss that takes logits, and of a VAE also `mean` and
/// `log_variance` (n, latent). Weights and running statistics are initializers under the names of Module::parameters and buffers, which are
/// PyTorch's. `name` becomes the graph's.
std::string onnx_model(const nn::Model& model, const nn::LossOptions& loss, const Shape& sample, std::string_view name);

/// Writes it to a file, which appears whole or not at all. Throws Error{cannot_create, io}.
void write_onnx(const std::filesystem::path& path, const nn::Model& model, const nn::LossOptions& loss, const Shape& sample,
                std::string_view name);

}  // namespace emotrain::train
