#include "emotrain/nn/sequential.hpp"

#include <string>

#include "emotrain/nn/layers.hpp"

namespace emotrain::nn {

namespace {

/// Hands the module's work over to the one before it, if that can do it.
bool fused(const Module& module, Module& before) {
  if (const auto* function = dynamic_cast<const Nonlinearity*>(&module)) {
    return function->kind() == Nonlinearity::Kind::relu && before.fuse_relu();
  }
  if (const auto* pool = dynamic_cast<const MaxPool2d*>(&module)) {
    const ops::PoolOptions& o = pool->options();
    return o.kernel == 2 && o.stride == 2 && o.padding == 0 && before.fuse_max_pool();
  }
  return false;
}

}  // namespace

void Sequential::append(std::unique_ptr<Module> module) {
  const int number = count_++;
  if (!entries_.empty() && fused(*module, *entries_.back().module)) return;
  entries_.push_back({number, std::move(module)});
}

Tensor Sequential::forward(const Tensor& x, const Context& context) {
  Tensor value = x;
  for (const Entry& entry : entries_) value = entry.module->forward(value, context);
  return value;
}

void Sequential::parameters(const std::string& prefix, std::vector<NamedTensor>& out) const {
  for (const Entry& entry : entries_) entry.module->parameters(prefix + std::to_string(entry.number) + ".", out);
}

void Sequential::buffers(const std::string& prefix, std::vector<NamedTensor>& out) const {
  for (const Entry& entry : entries_) entry.module->buffers(prefix + std::to_string(entry.number) + ".", out);
}

}  // namespace emotrain::nn
