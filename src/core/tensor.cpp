#include "emotrain/core/tensor.hpp"

#include <algorithm>
#include <new>

#include "emotrain/core/error.hpp"

namespace emotrain {

Tensor::Handle::Handle(Body&& body) : block_(detail::acquire_block(sizeof(Body))) { new (block_ + 1) Body(std::move(body)); }

void Tensor::Handle::destroy() noexcept {
  data()->~Body();
  detail::release_block(block_);
}

Tensor Tensor::make(const Shape& shape, Buffer storage) {
  Tensor tensor;
  auto* values = static_cast<Real*>(storage.data());
  tensor.body_ = Handle(Body{.shape = shape, .size = shape.size(), .values = values, .storage = std::move(storage), .gradient = {}});
  return tensor;
}

Tensor Tensor::empty(const Shape& shape) { return make(shape, Buffer(static_cast<std::size_t>(shape.size()) * sizeof(Real))); }

Tensor Tensor::full(const Shape& shape, Real value) {
  Tensor tensor = empty(shape);
  std::fill_n(tensor.data(), tensor.size(), value);
  return tensor;
}

Tensor Tensor::from(const Shape& shape, std::span<const Real> values) {
  if (static_cast<Index>(values.size()) != shape.size()) {
    fail(ErrorKind::shape, "[tensor] {} values do not fill a tensor of shape {}", values.size(), shape);
  }
  Tensor tensor = empty(shape);
  std::copy(values.begin(), values.end(), tensor.data());
  return tensor;
}

Real Tensor::item() const {
  if (size() != 1) fail(ErrorKind::shape, "[tensor] a tensor of shape {} has no single value", shape());
  return data()[0];
}

Tensor Tensor::view(const Shape& shape) const {
  if (shape.size() != size()) fail(ErrorKind::shape, "[view] shape {} cannot be seen as {}", this->shape(), shape);
  return make(shape, body()->storage);
}

std::span<Real> Tensor::grad() const noexcept {
  if (!has_grad()) return {};
  return {static_cast<Real*>(body()->gradient.data()), static_cast<std::size_t>(size())};
}

Tensor::GradSink Tensor::grad_sink() const {
  Body& own = *body();
  if (!own.gradient) own.gradient = Buffer(static_cast<std::size_t>(own.size) * sizeof(Real));
  return {static_cast<Real*>(own.gradient.data()), std::exchange(own.has_grad, true)};
}

bool Tensor::share_grad(const Tensor& view) const noexcept {
  Body& own = *body();
  if (own.has_grad) return false;
  own.gradient = view.body()->gradient;
  return own.has_grad = true;
}

}  // namespace emotrain
