#include "emotrain/core/tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "emotrain/core/error.hpp"

namespace emotrain::test {
namespace {

const std::vector<Real> six = {1, 2, 3, 4, 5, 6};

}  // namespace

TEST_CASE("tensors hold what they are made of") {
  CHECK(!Tensor().defined());
  const Tensor t = Tensor::from({2, 3}, six);
  CHECK(t.defined());
  CHECK(t.rank() == 2);
  CHECK(t.size() == 6);
  CHECK(std::ranges::equal(t.values(), six));
  CHECK(std::ranges::all_of(Tensor::full({4, 4}, 3).values(), [](Real x) { return x == 3; }));
  CHECK(Tensor::full({1, 1}, 5).item() == 5);
  CHECK_THROWS_AS(static_cast<void>(t.item()), Error);
  CHECK_THROWS_AS(Tensor::from({7}, six), Error);
  CHECK(Tensor::empty({0, 3}).values().empty());
}

TEST_CASE("copies and views share the values; views have a gradient of their own") {
  const Tensor t = Tensor::from({2, 3}, six);
  const Tensor copy = t;
  const Tensor view = t.view({6});
  CHECK(copy.is(t));
  CHECK(!view.is(t));
  t.data()[4] = 50;
  CHECK(copy.data()[4] == 50);
  CHECK(view.data()[4] == 50);
  t.set_requires_grad(true);
  CHECK(copy.requires_grad());
  CHECK(!view.requires_grad());
  CHECK_THROWS_AS(static_cast<void>(t.view({5})), Error);
}

TEST_CASE("a gradient is overwritten after it was cleared, and else added to") {
  const Tensor t = Tensor::from({6}, six);
  CHECK(!t.has_grad());
  CHECK(t.grad().empty());
  const auto first = t.grad_sink();
  CHECK(!first.accumulate);
  std::fill_n(first.data, 6, Real(2));
  CHECK(t.has_grad());
  CHECK(t.grad()[5] == 2);
  CHECK(t.grad_sink().accumulate);
  t.clear_grad();
  CHECK(t.grad().empty());
  const auto second = t.grad_sink();
  CHECK(!second.accumulate);
  CHECK(second.data == first.data);
}

TEST_CASE("a tensor takes over the gradient of a view unless it has one") {
  const Tensor t = Tensor::from({2, 3}, six);
  const Tensor view = t.view({6});
  std::fill_n(view.grad_sink().data, 6, Real(3));
  CHECK(t.share_grad(view));
  CHECK(t.grad().data() == view.grad().data());
  CHECK(!t.share_grad(view));
}

}  // namespace emotrain::test
