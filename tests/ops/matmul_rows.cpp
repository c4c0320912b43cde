#include "emotrain/ops/matmul.hpp"

#include "ops/op_table.hpp"

namespace emotrain::test {
namespace {

struct Sizes {
  Index m, k, n;
};
constexpr Sizes sizes[] = {{1, 1, 1},   {1, 5, 1},  {3, 1, 4},  {1, 4, 7},  {7, 4, 1},    {2, 3, 4},   {5, 5, 5},
                           {6, 16, 16}, {6, 8, 15}, {7, 9, 17}, {8, 8, 8},  {12, 2, 32},  {13, 3, 33}, {16, 16, 6},
                           {17, 6, 7},  {5, 31, 3}, {3, 64, 2}, {2, 65, 3}, {20, 10, 10}, {9, 17, 18}};

/// Numbers: whether relu is fused, for linear.
std::vector<Config> products(bool linear, bool bias) {
  std::vector<Config> configs;
  for (const Sizes& s : sizes) {
    std::vector<Shape> shapes = {{s.m, s.k}, linear ? Shape{s.n, s.k} : Shape{s.k, s.n}};
    if (bias) shapes.push_back({s.n});
    configs.push_back({shapes, {static_cast<Index>(configs.size() % 2)}});
  }
  return configs;
}

Tensor linear(const Inputs& in, const Numbers& n) {
  return ops::linear(in[0], in[1], in.size() > 2 ? in[2] : Tensor(), n[0] == 0 ? ops::Activation::none : ops::Activation::relu);
}

}  // namespace

std::vector<OpRow> matmul_rows() {
  return {
      {.name = "matmul",
       .draw = Draw::normal,
       .configs = products(false, false),
       .apply = [](const Inputs& in, const Numbers&) { return ops::matmul(in[0], in[1]); },
       .large = {{{{200, 300}, {300, 250}}}}},
      {.name = "linear",
       .draw = Draw::normal,
       .configs = products(true, true),
       .apply = linear,
       .large = {{{{256, 300}, {200, 300}, {200}}, {1}}}},
      {.name = "linear without bias",
       .draw = Draw::normal,
       .configs = products(true, false),
       .apply = linear,
       .large = {{{{256, 300}, {200, 300}}, {0}}}},
  };
}

}  // namespace emotrain::test
