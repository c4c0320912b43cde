#include "data/allocation_meter.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

thread_local emotrain::data::Allocations meter;

}  // namespace

void* operator new(std::size_t bytes) {
  ++meter.count;
  meter.largest = std::max(meter.largest, bytes);
  void* block = std::malloc(bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace emotrain::data {

void reset_allocations() { meter = {}; }
Allocations allocations() { return meter; }

}  // namespace emotrain::data
