#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "emotrain/nn/module.hpp"

namespace emotrain::nn {

/// Modules one after the other, numbered from 0 as in torch.nn.Sequential: every layer counts, with or without parameters. A relu or
/// a max pooling directly behind a layer that can apply it itself (Module::fuse_relu, fuse_max_pool) keeps its number, and is left to that
/// layer.
class Sequential final : public Module {
 public:
  Sequential() = default;

  void append(std::unique_ptr<Module> module);
  template <class Layer, class... Args>
  void append(Args&&... args) {
    append(std::make_unique<Layer>(std::forward<Args>(args)...));
  }

  Tensor forward(const Tensor& x, const Context& context) override;
  Value describe(const std::string& name, const Value& x, Structure& out) const override;
  void parameters(const std::string& prefix, std::vector<NamedTensor>& out) const override;
  void buffers(const std::string& prefix, std::vector<NamedTensor>& out) const override;

 private:
  struct Entry {
    std::unique_ptr<Module> module;
    /// Another one does its work.
    bool is_fused;
  };
  std::vector<Entry> entries_;
};

}  // namespace emotrain::nn
