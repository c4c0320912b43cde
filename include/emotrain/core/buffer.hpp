#pragma once
#include <cstddef>
#include <utility>

/// Pooled memory. A freed block goes to a list of its size class and is handed out again, so a training step that asks for the same sizes
/// as the last one takes nothing from the heap, and touches no fresh pages. The pool belongs to the thread; so does everything made of it.
namespace emotrain {

namespace detail {
struct alignas(64) BlockHeader {
  std::size_t references;
  int size_class;
  BlockHeader* next_free;
};
BlockHeader* acquire_block(std::size_t bytes);
void release_block(BlockHeader* block) noexcept;
}  // namespace detail

/// A shared, reference counted block of at least the requested bytes, aligned to 64; contents are unspecified. Not thread-safe.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes) : block_(detail::acquire_block(bytes)) {}
  Buffer(const Buffer& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) ++block_->references;
  }
  Buffer(Buffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Buffer() {
    if (block_ != nullptr && --block_->references == 0) detail::release_block(block_);
  }

  void* data() const noexcept { return block_ != nullptr ? block_ + 1 : nullptr; }
  explicit operator bool() const noexcept { return block_ != nullptr; }

 private:
  detail::BlockHeader* block_ = nullptr;
};

/// Uninitialised scratch memory for `count` values of T, given back to the pool at the end of the scope.
template <class T>
class Scratch {
 public:
  explicit Scratch(std::size_t count) : buffer_(count * sizeof(T)) {}
  T* data() const noexcept { return static_cast<T*>(buffer_.data()); }
  T& operator[](std::size_t i) const noexcept { return data()[i]; }

 private:
  Buffer buffer_;
};

/// Bytes that this thread's pool holds, in use or free.
std::size_t pool_bytes() noexcept;

}  // namespace emotrain
