#include <doctest/doctest.h>

#include <vector>

namespace emotrain::test {
namespace {

[[gnu::noinline]] std::vector<long> table() { return {1, 1, 0, 0}; }

TEST_CASE("the compiler stores constants as they are written: see cmake/Layers.cmake") {
  const std::vector<long> values = table();
  CHECK(values[0] + values[1] == 2);
  CHECK(values[2] + values[3] == 0);
}

}  // namespace
}  // namespace emotrain::test
