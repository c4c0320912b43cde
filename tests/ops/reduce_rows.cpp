#include "emotrain/ops/reduce.hpp"
#include "ops/op_table.hpp"

namespace emotrain::test {
namespace {

/// Numbers: whether to keep the axes, then the axes.
const std::vector<Config>& reductions() {
  static const std::vector<Config> configs = {
      {{{}}, {0}},
      {{{1}}, {0}},
      {{{5}}, {0}},
      {{{5}}, {1, 0}},
      {{{3, 4}}, {0}},
      {{{3, 4}}, {1}},
      {{{3, 4}}, {0, 0}},
      {{{3, 4}}, {0, 1}},
      {{{3, 4}}, {1, -1}},
      {{{3, 4}}, {0, 1, 0}},
      {{{3, 1}}, {0, 1}},
      {{{1, 4}}, {0, 0}},
      {{{2, 3, 4}}, {0, 0}},
      {{{2, 3, 4}}, {1, 1}},
      {{{2, 3, 4}}, {0, 2}},
      {{{2, 3, 4}}, {0, 0, 2}},
      {{{2, 3, 4}}, {1, 1, 2}},
      {{{2, 3, 4}}, {0, 0, 1}},
      {{{2, 1, 4}}, {0, 1}},
      {{{2, 3, 1, 5}}, {0, 0, 2, 3}},
      {{{2, 3, 2, 5}}, {1, 1, 3}},
      {{{7, 17}}, {0, 0}},
      {{{7, 33}}, {0, 1}},
      {{{2, 2, 1, 3, 2, 2}}, {0, 1, 3, 5}},
  };
  return configs;
}

using Reduce = Tensor (*)(const Tensor&, std::span<const int>, bool);

OpRow reduce(const char* name, Draw draw, Reduce op) {
  return {
      .name = name,
      .draw = draw,
      .configs = reductions(),
      .apply =
          [op](const Inputs& in, const Numbers& numbers) {
            const std::vector<int> axes(numbers.begin() + 1, numbers.end());
            return op(in[0], axes, numbers[0] != 0);
          },
      .large = {
          {{{200001}}, {0}}, {{{1000, 150}}, {0, 0}}, {{{1000, 150}}, {0, 1}}, {{{50, 30, 100}}, {0, 0, 2}}, {{{50, 30, 100}}, {0, 1}}}};
}

/// Numbers: the axis.
const std::vector<Config>& along_axis() {
  static const std::vector<Config> configs = {
      {{{1}}, {0}},          {{{5}}, {0}},          {{{16}}, {-1}},     {{{17}}, {0}},          {{{40}}, {0}},      {{{3, 4}}, {1}},
      {{{3, 4}}, {0}},       {{{3, 4}}, {-2}},      {{{3, 1}}, {1}},    {{{3, 1}}, {0}},        {{{1, 4}}, {0}},    {{{2, 33}}, {1}},
      {{{70, 3}}, {1}},      {{{65, 2}}, {0}},      {{{2, 3, 4}}, {0}}, {{{2, 3, 4}}, {1}},     {{{2, 3, 4}}, {2}}, {{{2, 3, 4}}, {-1}},
      {{{2, 3, 1, 5}}, {1}}, {{{2, 3, 2, 5}}, {2}}, {{{2, 1, 4}}, {1}}, {{{1, 1, 1, 7}}, {-1}},
  };
  return configs;
}

OpRow softmax(const char* name, Tensor (*op)(const Tensor&, int)) {
  return {.name = name,
          .draw = Draw::normal,
          .configs = along_axis(),
          .apply = [op](const Inputs& in, const Numbers& numbers) { return op(in[0], static_cast<int>(numbers[0])); },
          .large = {{{{10000, 10}}, {1}}, {{{100, 1200}}, {1}}, {{{10, 10000}}, {0}}}};
}

}  // namespace

std::vector<OpRow> reduce_rows() {
  return {
      reduce("sum", Draw::normal, ops::sum), reduce("mean", Draw::normal, ops::mean),  reduce("max", Draw::distinct, ops::max),
      softmax("softmax", ops::softmax),      softmax("log_softmax", ops::log_softmax),
  };
}

}  // namespace emotrain::test
