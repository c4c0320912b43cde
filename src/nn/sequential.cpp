#include "emotrain/nn/sequential.hpp"

#include <string>

#include "emotrain/nn/layers.hpp"

namespace emotrain::nn {

void Sequential::append(std::unique_ptr<Module> module) {
  const int number = count_++;
  const auto* function = dynamic_cast<const Nonlinearity*>(module.get());
  const bool relu = function != nullptr && function->kind() == Nonlinearity::Kind::relu;
  if (relu && !entries_.empty() && entries_.back().module->fuse_relu()) return;
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
