#include "emotrain/core/threads.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "emotrain/core/error.hpp"

namespace emotrain::test {
namespace {

/// Runs the rest of a scope with a number of threads.
class Threads {
 public:
  explicit Threads(int count) { set_threads(count); }
  ~Threads() { set_threads(1); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
};

}  // namespace

TEST_CASE("every task runs once, whatever the number of threads and tasks") {
  for (const int count : {1, 2, 3, 8}) {
    const Threads guard(count);
    CHECK(threads() == count);
    for (const Index tasks : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(tasks));
      for (int repeat = 1; repeat <= 20; ++repeat) {
        parallel_for(tasks, [&](Index i) { runs[static_cast<std::size_t>(i)].fetch_add(1); });
        int wrong = 0;
        for (const auto& times : runs) wrong += times != repeat ? 1 : 0;
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE("0 threads means one for each core, and fewer is an error") {
  const Threads guard(0);
  CHECK(threads() == static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  CHECK_THROWS_AS(set_threads(-1), Error);
}

TEST_CASE("an exception in a task comes out, and the pool works on") {
  for (const int count : {1, 4}) {
    const Threads guard(count);
    CHECK_THROWS_WITH_AS(parallel_for(100,
                                      [](Index i) {
                                        if (i == 37) throw std::runtime_error("task 37");
                                      }),
                         "task 37", std::runtime_error);
    std::atomic<int> done = 0;
    parallel_for(100, [&](Index) { ++done; });
    CHECK(done == 100);
  }
}

TEST_CASE("nested calls run in the task that makes them") {
  const Threads guard(4);
  std::atomic<int> elsewhere = 0;
  std::atomic<int> done = 0;
  parallel_for(8, [&](Index) {
    const auto self = std::this_thread::get_id();
    parallel_for(50, [&](Index) {
      ++done;
      if (std::this_thread::get_id() != self) ++elsewhere;
    });
  });
  CHECK(done == 400);
  CHECK(elsewhere == 0);
}

TEST_CASE("two threads may call at once") {
  const Threads guard(3);
  std::atomic<Index> total = 0;
  const auto work = [&] {
    for (int repeat = 0; repeat < 200; ++repeat) parallel_for(10, [&](Index i) { total += i; });
  };
  std::thread other(work);
  work();
  other.join();
  CHECK(total == 2 * 200 * 45);
}

}  // namespace emotrain::test
