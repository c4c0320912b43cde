#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "emotrain/core/shape.hpp"
#include "emotrain/core/tensor.hpp"

/// Initial values of parameters. With fan_in = weight[1] * kh * kw and fan_out = weight[0] * kh * kw, as PyTorch's
/// torch.nn.init._calculate_fan_in_and_fan_out has it (so for a transposed convolution they are the other way round):
///
///     torch_default    U(-b, b), b = 1 / sqrt(fan_in), for weights and biases: what PyTorch's layers do (kaiming_uniform_ with a = sqrt 5)
///     kaiming_normal   N(0, 2 / fan_in), biases 0 (He et al., "Delving deep into rectifiers", ICCV 2015)
///     kaiming_uniform  U(-b, b), b = sqrt(6 / fan_in), biases 0
///     xavier_normal    N(0, 2 / (fan_in + fan_out)), biases 0 (Glorot and Bengio, AISTATS 2010)
///     xavier_uniform   U(-b, b), b = sqrt(6 / (fan_in + fan_out)), biases 0
namespace emotrain::nn {

enum class InitScheme { torch_default, kaiming_normal, kaiming_uniform, xavier_normal, xavier_uniform };

/// The schemes' names, in the order of InitScheme.
inline constexpr std::array init_names{"torch_default", "kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform"};
/// Throws Error{usage} if there is no such scheme.
InitScheme init_scheme(std::string_view name);

/// The largest model, in values of all its parameters and buffers (1 GiB of float32).
inline constexpr Index max_parameters = Index{1} << 28;
/// The largest result of a layer, in values per sample.
inline constexpr Index max_values_per_sample = Index{1} << 26;

/// Makes the parameters of a model one after the other. Parameter number i (counted over weights, biases, and the constants of norms) is a
/// pure function of (scheme, seed, i, its shape). Parameters require a gradient.
class Initializer {
 public:
  Initializer(InitScheme scheme, std::uint64_t seed) : scheme_(scheme), seed_(seed) {}
  /// Counts and checks the limits, and returns undefined tensors: whether a model fits is known before memory is taken.
  static Initializer counting();

  /// All throw Error{usage} if an extent is below 1 or the model grows over max_parameters.
  Tensor weight(const Shape& shape);
  /// A bias of `size` values for a weight of that shape.
  Tensor bias(Index size, const Shape& weight_shape);
  Tensor constant(const Shape& shape, Real value);
  /// Not a parameter: has no number, requires no gradient.
  Tensor buffer(const Shape& shape, Real value);

  /// 0, 1, 2, ...: separates the random numbers of the model's dropout layers.
  std::uint32_t next_dropout() { return dropouts_++; }
  /// Number of parameters so far.
  std::uint32_t parameters() const { return number_; }

 private:
  /// Uniform in [-spread, spread) or normal with deviation `spread`.
  Tensor random(const Shape& shape, bool normal, double spread);
  void count(const Shape& shape);

  InitScheme scheme_;
  std::uint64_t seed_;
  bool counting_ = false;
  std::uint32_t number_ = 0;
  std::uint32_t dropouts_ = 0;
  Index values_ = 0;
};

/// Throws Error{usage} if a sample of this shape has more than max_values_per_sample values.
void check_sample_size(const Shape& sample);

}  // namespace emotrain::nn
