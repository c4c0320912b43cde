#pragma once
#include <filesystem>
#include <span>
#include <vector>

#include "emotrain/nn/model.hpp"

/// Files of named tensors in the safetensors format (https://github.com/huggingface/safetensors, README "Format"): 8 bytes with the size of
/// the header, the header (a JSON object: name -> dtype, shape, data_offsets), the values, little-endian and without gaps.
namespace emotrain::train {

/// Writes F32 tensors in the order given, with metadata {"format": "pt"}; the values start at a multiple of 8 bytes. The file appears whole
/// or not at all. Throws Error{cannot_create, io}.
void write_safetensors(const std::filesystem::path& path, std::span<const nn::NamedTensor> tensors);

/// The F32 tensors of a file, in the order of their values. Integer tensors named `*.num_batches_tracked` (a counter that PyTorch keeps in
/// its batch norms) are left out; any other type is refused. Throws Error{missing} if there is no such file, and Error{data} unless header,
/// types, shapes and offsets agree with each other and with the file's size, every byte of the values belonging to exactly one tensor.
/// Never takes more memory than 8 MiB of header and the file's size.
std::vector<nn::NamedTensor> read_safetensors(const std::filesystem::path& path);

/// Parameters, then buffers, under their names.
std::vector<nn::NamedTensor> weights(const nn::Model& model);

/// Copies the tensors of a file into the model's parameters and buffers. All names and shapes must fit; else nothing is changed, and
/// Error{usage} lists what is missing, not in the model, or of another shape.
void load_weights(const nn::Model& model, const std::filesystem::path& path);

}  // namespace emotrain::train
