#include "emotrain/core/buffer.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <iterator>
#include <set>

namespace emotrain::test {

TEST_CASE("a freed block is handed out again for a size of its class") {
  void* first = nullptr;
  {
    const Buffer buffer(1000);
    first = buffer.data();
  }
  const std::size_t bytes = pool_bytes();
  const Buffer again(1000);
  CHECK(again.data() == first);
  CHECK(pool_bytes() == bytes);
  const Buffer other(1000);
  CHECK(other.data() != first);
  CHECK(pool_bytes() >= bytes + 1000);
}

TEST_CASE("copies share a block, which lives as long as the last of them") {
  Buffer kept;
  void* data = nullptr;
  {
    Buffer original(64);
    data = original.data();
    std::memset(data, 7, 64);
    kept = original;
    const Buffer moved = std::move(original);
    CHECK(moved.data() == data);
  }
  const Buffer newcomer(64);
  CHECK(newcomer.data() != data);
  CHECK(kept.data() == data);
  CHECK(static_cast<unsigned char*>(kept.data())[63] == 7);
  CHECK(!Buffer());
  CHECK(Buffer().data() == nullptr);
}

TEST_CASE("large blocks that live side by side do not begin at the same place of a page") {
  const Buffer blocks[] = {Buffer(4'000'000), Buffer(4'000'000), Buffer(4'000'000), Buffer(4'000'000), Buffer(4'000'000)};
  std::set<std::uintptr_t> places;
  for (const Buffer& block : blocks) places.insert(reinterpret_cast<std::uintptr_t>(block.data()) % 4096);
  CHECK(places.size() == std::size(blocks));
}

TEST_CASE("blocks of every size are aligned, hold what was asked for, and waste at most a fifth and a header") {
  for (std::size_t size = 1; size < (std::size_t{1} << 23U); size += size / 3 + 1) {
    INFO(size);
    const std::size_t before = pool_bytes();
    const Buffer buffer(size);
    const std::size_t taken = pool_bytes() - before;
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64 == 0);
    std::memset(buffer.data(), 1, size);
    if (taken > 0 && size >= 64) CHECK(taken <= size + size / 4 + 64);
  }
}

}  // namespace emotrain::test
