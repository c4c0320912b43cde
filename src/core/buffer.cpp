#include "emotrain/core/buffer.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <utility>

namespace emotrain {
namespace {

/// Blocks of at least one huge page start on one and ask for them: streaming through ordinary pages costs a third of the bandwidth.
constexpr std::size_t huge_page = std::size_t{1} << 21U;

/// Size classes: four an octave, from 64 bytes: 64, 80, 96, 112, 128, 160, ... A block wastes at most a fifth.
constexpr int classes = 4 * 48;

int class_of(std::size_t bytes) {
  const std::size_t size = std::max<std::size_t>(bytes, 64);
  const auto octave = static_cast<int>(std::bit_width(size - 1)) - 1;  // 2^octave < size, but for the lower end
  const std::size_t quarter = (std::size_t{1} << static_cast<unsigned>(octave)) / 4;
  const auto steps = static_cast<int>((size - 1) / quarter) - 3;  // 1..4
  return (octave - 5) * 4 + steps - 1;
}

std::size_t class_bytes(int size_class) {
  const std::size_t base = std::size_t{1} << static_cast<unsigned>(size_class / 4 + 5);
  return base + base / 4 * static_cast<std::size_t>(size_class % 4 + 1);
}

std::size_t block_bytes(int size_class) { return sizeof(detail::BlockHeader) + class_bytes(size_class); }

std::align_val_t block_alignment(int size_class) {
  return std::align_val_t{block_bytes(size_class) >= huge_page ? huge_page : alignof(detail::BlockHeader)};
}

detail::BlockHeader* take_from_heap(int size_class) {
  const std::size_t total = block_bytes(size_class);
  void* memory = ::operator new(total, block_alignment(size_class));
#if defined(MADV_HUGEPAGE)
  // A refusal costs speed alone.
  if (total >= huge_page) static_cast<void>(::madvise(memory, total / huge_page * huge_page, MADV_HUGEPAGE));
#endif
  auto* block = new (memory) detail::BlockHeader{};
  block->size_class = size_class;
  return block;
}

void give_to_heap(detail::BlockHeader* block) noexcept { ::operator delete(block, block_alignment(block->size_class)); }

struct Pool {
  std::array<detail::BlockHeader*, classes> free{};
  std::size_t bytes = 0;

  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    for (detail::BlockHeader* block : free) {
      while (block != nullptr) give_to_heap(std::exchange(block, block->next_free));
    }
    alive = false;
  }

  /// Blocks that outlive their thread's pool (static objects) go back to the heap.
  static thread_local bool alive;
};

thread_local bool Pool::alive = true;
thread_local Pool pool;

}  // namespace

namespace detail {

BlockHeader* acquire_block(std::size_t bytes) {
  const int size_class = class_of(bytes);
  BlockHeader*& head = pool.free[static_cast<std::size_t>(size_class)];
  BlockHeader* block = head;
  if (block != nullptr) {
    head = block->next_free;
  } else {
    block = take_from_heap(size_class);
    pool.bytes += block_bytes(size_class);
  }
  block->references = 1;
  return block;
}

void release_block(BlockHeader* block) noexcept {
  if (!Pool::alive) return give_to_heap(block);
  BlockHeader*& head = pool.free[static_cast<std::size_t>(block->size_class)];
  block->next_free = head;
  head = block;
}

}  // namespace detail

std::size_t pool_bytes() noexcept { return pool.bytes; }

}  // namespace emotrain
