#include "emotrain/core/denormals.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "emotrain/core/real.hpp"
#include "emotrain/core/threads.hpp"

namespace emotrain::test {
namespace {

/// Half of the smallest normal number, computed when it is called.
Real half_of_smallest() {
  volatile Real smallest = std::numeric_limits<Real>::min();
  volatile Real half = smallest / 2;
  return half;
}

/// What each of many tasks gets for it.
std::vector<Real> halves_of_tasks() {
  std::vector<Real> halves(1000);
  parallel_for(1000, [&](Index i) { halves[static_cast<std::size_t>(i)] = half_of_smallest(); });
  return halves;
}

}  // namespace

TEST_CASE("denormals are flushed within the scope alone, by every thread that takes part") {
  for (const int count : {1, 3}) {
    set_threads(count);
    CHECK(half_of_smallest() > 0);
    {
      const FlushDenormals guard;
#if defined(__SSE__)
      CHECK(halves_of_tasks() == std::vector<Real>(1000, 0));
#endif
      const FlushDenormals nested;
    }
    CHECK(half_of_smallest() > 0);
    for (const Real value : halves_of_tasks()) CHECK(value > 0);
  }
  set_threads(1);
}

}  // namespace emotrain::test
