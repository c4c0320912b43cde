#include "emotrain/core/buffer.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace emotrain {
namespace {

/// Blocks of at least one huge page ask for them: streaming through ordinary pages costs a third of the bandwidth.
constexpr std::size_t huge_page = std::size_t{1} << 21U;

/// Such blocks begin so many bytes apart within a page, some of them in turn: streams that are read side by side would else all come to the
/// end of a page, where the prefetcher starts anew, at once (an update of five streams takes a tenth longer). An odd number of cache lines.
constexpr std::size_t stagger = 13 * std::size_t{64};
constexpr std::size_t staggered = 16;

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

bool is_huge(int size_class) { return block_bytes(size_class) >= huge_page; }

constexpr std::align_val_t huge_alignment{huge_page};
constexpr std::align_val_t small_alignment{alignof(detail::BlockHeader)};

void* take_huge(std::size_t bytes) {
  static thread_local std::size_t turn = 0;
  const std::size_t total = bytes + (staggered - 1) * stagger;
  void* memory = ::operator new(total, huge_alignment);
#if defined(MADV_HUGEPAGE)
  // A refusal costs speed alone.
  static_cast<void>(::madvise(memory, total / huge_page * huge_page, MADV_HUGEPAGE));
#endif
  return static_cast<std::byte*>(memory) + turn++ % staggered * stagger;
}

detail::BlockHeader* take_from_heap(int size_class) {
  const std::size_t bytes = block_bytes(size_class);
  void* memory = is_huge(size_class) ? take_huge(bytes) : ::operator new(bytes, small_alignment);
  auto* block = new (memory) detail::BlockHeader{};
  block->size_class = size_class;
  return block;
}

void give_to_heap(detail::BlockHeader* block) noexcept {
  if (!is_huge(block->size_class)) return ::operator delete(block, small_alignment);
  const std::size_t behind = reinterpret_cast<std::uintptr_t>(block) % huge_page;
  ::operator delete(reinterpret_cast<std::byte*>(block) - behind, huge_alignment);
}

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
