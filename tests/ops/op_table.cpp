#include "ops/op_table.hpp"

#include <fmt/format.h>

#include <cmath>

#include "emotrain/core/random.hpp"

namespace emotrain::test {
namespace {

RandomKey key(std::uint32_t number) { return {.seed = 5, .stream = Stream::test, .substream = number}; }

/// (k + shift) * 4 / n for a permutation k of -n/2 ... n/2.
void fill_grid(const Tensor& t, std::uint32_t number, double shift) {
  std::vector<std::int32_t> order;
  fill_permutation(key(number), 0, t.size(), order);
  const double gap = 4.0 / static_cast<double>(t.size());
  for (Index i = 0; i < t.size(); ++i) {
    t.data()[i] = static_cast<Real>((static_cast<double>(order[static_cast<std::size_t>(i)] - t.size() / 2) + shift) * gap);
  }
}

}  // namespace

Inputs draw_inputs(const OpRow& row, const Config& config) {
  Inputs inputs;
  for (const Shape& shape : config.shapes) {
    Tensor t = Tensor::empty(shape);
    const auto number = static_cast<std::uint32_t>(inputs.size());
    if (row.draw == Draw::distinct) {
      fill_grid(t, number, 0.5);
    } else {
      fill_normal(key(number), 0, t.data(), t.size(), 0, 1);
      if (row.draw == Draw::positive) {
        for (Real& x : t.values()) x = std::exp(x / 2);
      }
    }
    t.set_requires_grad(true);
    inputs.push_back(t);
  }
  return inputs;
}

std::string describe(const OpRow& row, const Config& config) {
  return fmt::format("{} of {} with ({})", row.name, fmt::join(config.shapes, " "), fmt::join(config.numbers, ","));
}

std::vector<Config> any_shape() { return any_shape(1, {{}}); }

std::vector<Config> any_shape(std::size_t inputs, const std::vector<Numbers>& numbers) {
  static const std::vector<Shape> shapes = {{},     {1},    {2},    {3},    {7},       {8},          {15},
                                            {16},   {17},   {31},   {33},   {64},      {65},         {257},
                                            {1, 1}, {5, 1}, {1, 5}, {3, 5}, {2, 3, 4}, {2, 1, 3, 5}, {1, 2, 1, 2, 1, 2}};
  std::vector<Config> configs;
  for (const Shape& shape : shapes) {
    configs.push_back({.shapes = std::vector<Shape>(inputs, shape), .numbers = numbers[configs.size() % numbers.size()]});
  }
  return configs;
}

Tensor target_between(const Shape& shape) {
  Tensor t = Tensor::empty(shape);
  fill_grid(t, 100, 0);
  return t;
}

Tensor uniform_target(const Shape& shape) {
  Tensor t = Tensor::empty(shape);
  fill_uniform(key(101), 0, t.data(), t.size(), 0, 1);
  return t;
}

const std::vector<OpRow>& all_rows() {
  static const std::vector<OpRow> rows = [] {
    std::vector<OpRow> all;
    for (const auto& family :
         {elementwise_rows(), reduce_rows(), structure_rows(), pool_rows(), norm_rows(), loss_rows(), matmul_rows(), conv_rows()}) {
      all.insert(all.end(), family.begin(), family.end());
    }
    return all;
  }();
  return rows;
}

}  // namespace emotrain::test
