#include "emotrain/ops/structure.hpp"

#include <doctest/doctest.h>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "emotrain/ops/reduce.hpp"
#include "ops/naive.hpp"
#include "ops/op_table.hpp"

namespace emotrain::test {
namespace {

const OpRow& row_named(std::string_view name) {
  static const std::vector<OpRow> rows = structure_rows();
  for (const OpRow& row : rows) {
    if (name == row.name) return row;
  }
  throw std::out_of_range(std::string(name));
}

/// Compares every configuration of a row with expected(inputs, numbers, place in the result).
void check_places(const char* name, const std::function<double(const Inputs&, const Numbers&, Place)>& expected) {
  const autograd::NoGrad guard;
  const OpRow& row = row_named(name);
  for (const Config& config : row.configs) {
    INFO(describe(row, config));
    const Inputs in = draw_inputs(row, config);
    const Tensor y = row.apply(in, config.numbers);
    CHECK(largest_miss(y.values(), tabulate(y.shape(), [&](const Place& p) { return expected(in, config.numbers, p); })) == 0);
  }
}

std::size_t axis_of(const Tensor& t, Index axis) { return static_cast<std::size_t>(t.shape().resolve(static_cast<int>(axis))); }

}  // namespace

TEST_CASE("transpose swaps two coordinates") {
  check_places("transpose", [](const Inputs& in, const Numbers& n, Place place) {
    std::swap(place[axis_of(in[0], n[0])], place[axis_of(in[0], n[1])]);
    return at(in[0], place);
  });
}

TEST_CASE("slice shifts a coordinate") {
  check_places("slice", [](const Inputs& in, const Numbers& n, Place place) {
    place[axis_of(in[0], n[0])] += n[1];
    return at(in[0], place);
  });
}

TEST_CASE("concat puts the parts one behind the other") {
  check_places("concat", [](const Inputs& in, const Numbers& n, Place place) {
    const std::size_t axis = axis_of(in[0], n[0]);
    std::size_t part = 0;
    while (place[axis] >= in[part].shape()[static_cast<int>(axis)]) place[axis] -= in[part++].shape()[static_cast<int>(axis)];
    return at(in[part], place);
  });
}

TEST_CASE("reshape and flatten share the values") {
  const Tensor x = Tensor::from({2, 3, 2}, std::vector<Real>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  const Tensor y = ops::reshape(x, std::vector<Index>{4, -1});
  CHECK(y.shape() == Shape{4, 3});
  CHECK(y.data() == x.data());
  CHECK(ops::flatten(x).shape() == Shape{2, 6});
  CHECK(ops::flatten(x).data() == x.data());
}

TEST_CASE("a view's gradient joins others of the same tensor, whichever comes first") {
  for (const bool view_first : {true, false}) {
    const Tensor x = Tensor::from({2}, std::vector<Real>{3, 5});
    x.set_requires_grad(true);
    const auto through_view = [&] { return ops::sum(ops::square(ops::reshape(x, std::vector<Index>{2, 1}))); };
    const auto directly = [&] { return ops::sum(ops::affine(x, 10, 0)); };
    const Tensor a = view_first ? through_view() : directly();
    const Tensor b = view_first ? directly() : through_view();
    autograd::backward(ops::add(a, b));
    CHECK(largest_miss(x.grad(), {16, 20}) == 0);
  }
}

}  // namespace emotrain::test
