#include "emotrain/nn/sequential.hpp"

#include <algorithm>
#include <ranges>
#include <string>

#include "emotrain/nn/layers.hpp"
#include "emotrain/nn/structure.hpp"

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
  const auto before = std::ranges::find_if(entries_ | std::views::reverse, [](const Entry& entry) { return !entry.is_fused; });
  const bool is_fused = !entries_.empty() && fused(*module, *before->module);
  entries_.push_back({std::move(module), is_fused});
}

Tensor Sequential::forward(const Tensor& x, const Context& context) {
  Tensor value = x;
  for (const Entry& entry : entries_) {
    if (!entry.is_fused) value = entry.module->forward(value, context);
  }
  return value;
}

Value Sequential::describe(const std::string& name, const Value& x, Structure& out) const {
  Value value = x;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].is_fused) out.layers.back().activation_bytes = 0;
    value = entries_[i].module->describe(name.empty() ? std::to_string(i) : name + "." + std::to_string(i), value, out);
  }
  return value;
}

void Sequential::parameters(const std::string& prefix, std::vector<NamedTensor>& out) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) entries_[i].module->parameters(prefix + std::to_string(i) + ".", out);
}

void Sequential::buffers(const std::string& prefix, std::vector<NamedTensor>& out) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) entries_[i].module->buffers(prefix + std::to_string(i) + ".", out);
}

}  // namespace emotrain::nn
