#pragma once
#include <span>
#include <vector>

#include "emotrain/core/file_system.hpp"
#include "emotrain/core/function_ref.hpp"
#include "emotrain/nn/model.hpp"
#include "emotrain/optim/optimizer.hpp"

/// Files of named tensors in the safetensors format (https://github.com/huggingface/safetensors, README "Format"): 8 bytes with the size of
/// the header, the header (a JSON object: name -> dtype, shape, data_offsets), the values, little-endian and without gaps.
namespace emotrain::train {

/// What a file holds, or is to hold: F32 tensors, and in files of optimizer state arrays of F64 numbers, which come first.
struct TensorFile {
  std::vector<nn::NamedTensor> tensors;
  std::vector<optim::StateNumbers> numbers = {};
};

/// The bytes of a file, piece by piece, in the order given, with metadata {"format": "pt"}; the values start at a multiple of 8 bytes.
void encode_safetensors(const TensorFile& content, FunctionRef<void(const void* bytes, std::size_t size)> write);

/// The same to a file, which appears whole or not at all. Throws Error{cannot_create, io}.
void write_safetensors(const std::filesystem::path& path, std::span<const nn::NamedTensor> tensors, FileSystem& files = disk());

/// The F32 tensors of a file, in the order of their values. Integer tensors named `*.num_batches_tracked` (a counter that PyTorch keeps in
/// its batch norms) are left out; any other type is refused. Throws Error{missing} if there is no such file, and Error{data} unless header,
/// types, shapes and offsets agree with each other and with the file's size, every byte of the values belonging to exactly one tensor.
/// Never takes more memory than 8 MiB of header and the file's size.
std::vector<nn::NamedTensor> read_safetensors(const std::filesystem::path& path, const FileSystem& files = disk());
/// The same where F64 arrays of one axis are allowed too.
TensorFile read_tensor_file(const std::filesystem::path& path, const FileSystem& files = disk());

/// Parameters, then buffers, under their names.
std::vector<nn::NamedTensor> weights(const nn::Model& model);

/// What of a file does not fit a model, one text a tensor.
struct Misfits {
  std::vector<std::string> missing;
  std::vector<std::string> misshapen;
  std::vector<std::string> extra;
  bool any() const { return !missing.empty() || !misshapen.empty() || !extra.empty(); }
  /// "; missing: a (2,3); of another shape: ...".
  std::string str() const;
};

struct LoadOptions {
  /// Tensors that fit are copied, of which there must be at least one, and the others are returned.
  bool partial = false;
  /// Ends the message where, without `partial`, some would have fit.
  std::string_view if_some_fit = {};
};
/// Copies the tensors of a file into the model's parameters and buffers. All names and shapes must fit, unless `partial`; else nothing is
/// changed, and Error{usage} lists what is missing, not in the model, or of another shape.
Misfits load_weights(const nn::Model& model, const std::filesystem::path& path, const LoadOptions& options = {},
                     const FileSystem& files = disk());
/// The same with tensors that were read; `source` is what messages call them.
Misfits load_weights(const nn::Model& model, std::span<const nn::NamedTensor> given, const std::string& source,
                     const LoadOptions& options = {});

}  // namespace emotrain::train
