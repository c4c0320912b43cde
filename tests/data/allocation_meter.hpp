#pragma once
#include <cstddef>

namespace emotrain::data {

/// What operator new was asked for since `reset_allocations`, in this thread.
struct Allocations {
  std::size_t count = 0;
  std::size_t largest = 0;
};

void reset_allocations();
Allocations allocations();

}  // namespace emotrain::data
