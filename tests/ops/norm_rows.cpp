#include "emotrain/ops/norm.hpp"

#include <cmath>

#include "ops/op_table.hpp"

namespace emotrain::test {
namespace {

/// x, weight and bias, for x (samples, channels, ...).
Config channelled(const Shape& x, const Numbers& numbers = {}) { return {.shapes = {x, {x[1]}, {x[1]}}, .numbers = numbers}; }
Config last_axis(const Shape& x) { return {.shapes = {x, {x[-1]}, {x[-1]}}}; }

std::vector<Config> batches() {
  std::vector<Config> configs;
  for (const Shape& shape : {Shape{2, 1},       Shape{3, 2},       Shape{5, 3},       Shape{4, 7},       Shape{4, 16},
                             Shape{3, 17},      Shape{7, 33},      Shape{2, 3, 4},    Shape{1, 2, 5},    Shape{1, 3, 17},
                             Shape{2, 3, 1, 1}, Shape{3, 1, 2, 2}, Shape{2, 3, 2, 2}, Shape{1, 2, 3, 3}, Shape{2, 2, 3, 5},
                             Shape{2, 5, 1, 3}, Shape{3, 2, 4, 1}, Shape{1, 1, 4, 5}, Shape{2, 4, 5, 7}, Shape{2, 2, 2, 2, 2}}) {
    configs.push_back(channelled(shape));
  }
  return configs;
}

std::vector<Config> groups() {
  return {
      channelled({1, 2}, {1}),       channelled({3, 4}, {2}),       channelled({2, 6}, {3}),       channelled({2, 6}, {1}),
      channelled({2, 16}, {1}),      channelled({2, 34}, {2}),      channelled({3, 2, 3}, {2}),    channelled({3, 2, 3}, {1}),
      channelled({1, 1, 2, 2}, {1}), channelled({2, 2, 2, 2}, {1}), channelled({2, 2, 2, 2}, {2}), channelled({1, 4, 3, 3}, {2}),
      channelled({2, 4, 1, 3}, {4}), channelled({2, 6, 2, 1}, {3}), channelled({2, 6, 1, 1}, {2}), channelled({3, 3, 5, 1}, {1}),
      channelled({2, 5, 3, 2}, {5}), channelled({1, 8, 2, 3}, {4}), channelled({2, 3, 4, 5}, {1}), channelled({2, 2, 2, 2, 2}, {2}),
  };
}

std::vector<Config> rows() {
  std::vector<Config> configs;
  for (const Shape& shape :
       {Shape{2},       Shape{5},       Shape{17},      Shape{1, 3},       Shape{2, 4},       Shape{3, 7},      Shape{5, 8},
        Shape{2, 15},   Shape{2, 16},   Shape{2, 17},   Shape{3, 33},      Shape{1, 64},      Shape{2, 1, 3},   Shape{2, 3, 4},
        Shape{1, 2, 5}, Shape{4, 1, 2}, Shape{2, 2, 9}, Shape{2, 1, 1, 4}, Shape{2, 2, 2, 3}, Shape{1, 3, 2, 6}}) {
    configs.push_back(last_axis(shape));
  }
  return configs;
}

Tensor running(Index channels, double first, double step) {
  Tensor t = Tensor::empty({channels});
  for (Index k = 0; k < channels; ++k) t.data()[k] = static_cast<Real>(first + step * static_cast<double>(k % 5));
  return t;
}

template <bool training>
Tensor batch_norm(const Inputs& in, const Numbers&) {
  const Index channels = in[1].size();
  return ops::batch_norm(in[0], in[1], in[2], running(channels, -0.4, 0.2), running(channels, 0.5, 0.3), training);
}

}  // namespace

std::vector<OpRow> norm_rows() {
  const std::vector<Config> large = {channelled({64, 16, 14, 14}), channelled({2000, 100})};
  return {
      {.name = "batch_norm", .draw = Draw::normal, .configs = batches(), .apply = batch_norm<true>, .large = large},
      {.name = "batch_norm in use", .draw = Draw::normal, .configs = batches(), .apply = batch_norm<false>, .large = large},
      {.name = "group_norm",
       .draw = Draw::normal,
       .configs = groups(),
       .apply = [](const Inputs& in, const Numbers& n) { return ops::group_norm(in[0], n[0], in[1], in[2]); },
       .large = {channelled({64, 16, 14, 14}, {4})}},
      {.name = "layer_norm",
       .draw = Draw::normal,
       .configs = rows(),
       .apply = [](const Inputs& in, const Numbers&) { return ops::layer_norm(in[0], in[1], in[2]); },
       .large = {last_axis({2000, 100})}},
  };
}

}  // namespace emotrain::test
