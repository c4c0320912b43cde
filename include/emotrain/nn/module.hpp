#pragma once
#include <memory>
#include <string>
#include <vector>

#include "emotrain/core/random.hpp"
#include "emotrain/core/tensor.hpp"

namespace emotrain::nn {

struct Value;
struct Structure;

/// What a forward pass needs to know beside its input.
struct Context {
  bool training = true;
  /// Seed of the run and number of the step: dropout masks and latent noise are pure functions of them.
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
};

struct NamedTensor {
  std::string name;
  Tensor value;
};

/// Parameters and what to do with an input. Names and layouts are PyTorch's: `0.weight` of a Linear is [out, in].
class Module {
 public:
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  virtual Tensor forward(const Tensor& x, const Context& context) = 0;
  /// Appends this module's own and its children's parameters (tensors that are trained), names prefixed.
  virtual void parameters(const std::string& prefix, std::vector<NamedTensor>& out) const = 0;
  /// Likewise tensors that are kept but not trained: a BatchNorm's running statistics.
  virtual void buffers(const std::string& prefix, std::vector<NamedTensor>& out) const;
  /// Adds its layers to a structure (nn/structure.hpp), the first of them applied to x, under names that begin with `name` as those of the
  /// parameters do (without the dot). Returns the result.
  virtual Value describe(const std::string& name, const Value& x, Structure& out) const = 0;
  /// Asks this module to apply relu to its result itself from now on; false if it cannot, and nothing changed.
  virtual bool fuse_relu() { return false; }
  /// Likewise a max pooling with windows of 2x2 that do not overlap.
  virtual bool fuse_max_pool() { return false; }

 protected:
  Module() = default;
};

}  // namespace emotrain::nn
