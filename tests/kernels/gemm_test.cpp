#include "emotrain/kernels/gemm.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <tuple>

#include "emotrain/core/threads.hpp"
#include "products.hpp"

namespace emotrain::test {
namespace {

struct Case {
  Index m, n, k;
};

constexpr Case cases[] = {{1, 1, 1},   {1, 7, 3},     {2, 17, 5},     {3, 16, 16},    {5, 31, 33},   {8, 48, 64},
                          {9, 49, 65}, {13, 96, 17},  {16, 10, 8},    {17, 1, 40},    {32, 33, 1},   {33, 128, 19},
                          {4, 200, 7}, {64, 15, 784}, {70, 100, 130}, {150, 65, 300}, {512, 200, 9}, {517, 200, 9}};

/// All combinations of storage order of both factors and of epilogue.
void check_product(const Case& c, bool a_transposed, bool b_transposed, const kernels::Epilogue& wanted) {
  const auto a = random_values(c.m * c.k, 1);
  const auto b = random_values(c.k * c.n, 2);
  const auto bias = random_values(c.n, 3);
  const kernels::Matrix left = a_transposed ? kernels::Matrix{a.data(), 1, c.m} : kernels::Matrix{a.data(), c.k, 1};
  const kernels::Matrix right = b_transposed ? kernels::Matrix{b.data(), 1, c.k} : kernels::Matrix{b.data(), c.n, 1};
  const Index ldc = c.n + 3;
  const auto before = random_values(c.m * ldc, 4);
  auto result = before;
  kernels::Epilogue epilogue = wanted;
  if (wanted.bias != nullptr) epilogue.bias = bias.data();
  kernels::gemm(c.m, c.n, c.k, left, right, result.data(), ldc, epilogue);
  std::vector<double> expected(before.begin(), before.end());
  for (Index i = 0; i < c.m; ++i) {
    for (Index j = 0; j < c.n; ++j) {
      double sum = epilogue.accumulate ? expected[static_cast<std::size_t>(i * ldc + j)] : 0;
      for (Index k = 0; k < c.k; ++k)
        sum += double{left.data[i * left.row + k * left.column]} * double{right.data[k * right.row + j * right.column]};
      if (epilogue.bias != nullptr) sum += double{bias[static_cast<std::size_t>(j)]};
      expected[static_cast<std::size_t>(i * ldc + j)] = epilogue.relu ? std::max(sum, 0.0) : sum;
    }
  }
  CHECK(largest_difference(result, expected) <= tolerance(c.k));
}

TEST_CASE("gemm equals plain loops for all shapes, storage orders and epilogues") {
  const Real some = 0;
  for (const Case& c : cases) {
    CAPTURE(c.m);
    CAPTURE(c.n);
    CAPTURE(c.k);
    for (const int kind : {0, 1, 2, 3}) {
      check_product(c, kind % 2 == 1, kind / 2 == 1, {});
      check_product(c, kind % 2 == 1, kind / 2 == 1, {.accumulate = true});
      check_product(c, kind % 2 == 1, kind / 2 == 1, {.bias = &some, .relu = true});
    }
  }
}

TEST_CASE("gemm gives the same bits with any number of threads") {
  const Case c{130, 300, 257};
  const auto a = random_values(c.m * c.k, 1);
  const auto b = random_values(c.k * c.n, 2);
  std::vector<std::vector<Real>> results;
  for (const int count : {1, 2, 4, 8}) {
    set_threads(count);
    results.emplace_back(static_cast<std::size_t>(c.m * c.n));
    kernels::gemm(c.m, c.n, c.k, {a.data(), c.k, 1}, {b.data(), c.n, 1}, results.back().data(), c.n);
  }
  set_threads(1);
  for (const auto& result : results) CHECK(result == results.front());
}

}  // namespace
}  // namespace emotrain::test
