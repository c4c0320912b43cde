#pragma once
#include <span>

#include "emotrain/core/buffer.hpp"
#include "emotrain/core/real.hpp"
#include "emotrain/core/shape.hpp"

namespace emotrain {

/// A cheap, shared handle to an array of Real: contiguous, row-major. Copies share the values and the gradient, as in PyTorch.
/// Whether a tensor takes part in differentiation is a property of the tensor; how it was computed is known to the tape alone (`autograd`).
/// A default-constructed Tensor is undefined. A tensor and all that shares its values belong to one thread.
class Tensor {
 public:
  Tensor() = default;
  /// Values unspecified.
  static Tensor empty(const Shape& shape);
  static Tensor full(const Shape& shape, Real value);
  static Tensor zeros(const Shape& shape) { return full(shape, 0); }
  /// Copies `values`; throws Error{shape} unless there are shape.size() of them.
  static Tensor from(const Shape& shape, std::span<const Real> values);

  bool defined() const noexcept { return static_cast<bool>(body_); }
  const Shape& shape() const noexcept { return body()->shape; }
  int rank() const noexcept { return shape().rank(); }
  Index size() const noexcept { return body()->size; }
  Real* data() const noexcept { return body()->values; }
  std::span<Real> values() const noexcept { return {data(), static_cast<std::size_t>(size())}; }
  /// The value of a tensor of one element; throws Error{shape} for others.
  Real item() const;

  /// The same values under another shape of the same size, without a gradient of its own (ops::reshape is the differentiable one).
  Tensor view(const Shape& shape) const;

  bool requires_grad() const noexcept { return body()->requires_grad; }
  const Tensor& set_requires_grad(bool on) const noexcept {
    body()->requires_grad = on;
    return *this;
  }
  /// Whether a gradient has been computed since the last clear_grad().
  bool has_grad() const noexcept { return body()->has_grad; }
  /// The gradient's values, in the layout of the values; empty if !has_grad().
  std::span<Real> grad() const noexcept;
  /// Forgets the gradient and keeps its memory: the next backward overwrites it.
  void clear_grad() const noexcept { body()->has_grad = false; }
  /// Memory to write the gradient to; `accumulate` tells whether to add to what is there (then has_grad() was true) or to overwrite.
  /// Marks the gradient as present.
  struct GradSink {
    Real* data;
    bool accumulate;
  };
  GradSink grad_sink() const;
  /// Makes the gradient of `view`, which has as many elements, this tensor's own, without copying: both share it from now on. Does nothing
  /// and returns false if this tensor has a gradient already, to which it must be added.
  bool share_grad(const Tensor& view) const noexcept;

  /// Same storage and shape object (not: equal values).
  bool is(const Tensor& other) const noexcept { return body_.data() == other.body_.data(); }

 private:
  struct Body {
    Shape shape;
    Index size;
    Real* values;
    bool requires_grad = false;
    bool has_grad = false;
    Buffer storage;
    Buffer gradient;
  };

  /// Shares a Body that lives in a pooled block.
  class Handle {
   public:
    Handle() = default;
    explicit Handle(Body&& body);
    Handle(const Handle& other) noexcept : block_(other.block_) { retain(); }
    Handle(Handle&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    Handle& operator=(Handle other) noexcept {
      std::swap(block_, other.block_);
      return *this;
    }
    ~Handle() {
      if (block_ != nullptr && --block_->references == 0) destroy();
    }
    Body* data() const noexcept { return reinterpret_cast<Body*>(block_ + 1); }
    explicit operator bool() const noexcept { return block_ != nullptr; }

   private:
    void retain() noexcept {
      if (block_ != nullptr) ++block_->references;
    }
    void destroy() noexcept;
    detail::BlockHeader* block_ = nullptr;
  };

  Body* body() const noexcept { return body_.data(); }
  static Tensor make(const Shape& shape, Buffer storage);
  Handle body_;
};

}  // namespace emotrain
