#include "emotrain/ops/pool.hpp"

#include "ops/op_table.hpp"

namespace emotrain::test {
namespace {

/// Numbers: kernel, stride, padding.
const std::vector<Config>& windows() {
  static const std::vector<Config> configs = {
      {{{1, 1, 2, 2}}, {2, 2, 0}},  {{{2, 3, 4, 4}}, {2, 2, 0}},  {{{1, 2, 4, 6}}, {2, 2, 0}},  {{{1, 2, 2, 8}}, {2, 2, 0}},
      {{{1, 1, 2, 14}}, {2, 2, 0}}, {{{1, 1, 3, 15}}, {2, 2, 0}}, {{{2, 1, 5, 16}}, {2, 2, 0}}, {{{1, 1, 4, 17}}, {2, 2, 0}},
      {{{1, 2, 2, 28}}, {2, 2, 0}}, {{{1, 1, 7, 35}}, {2, 2, 0}}, {{{1, 2, 5, 7}}, {1, 1, 0}},  {{{2, 2, 5, 4}}, {1, 2, 0}},
      {{{1, 2, 4, 5}}, {2, 1, 0}},  {{{2, 1, 4, 5}}, {2, 1, 1}},  {{{1, 2, 5, 6}}, {2, 2, 1}},  {{{1, 3, 6, 7}}, {3, 3, 0}},
      {{{2, 1, 6, 7}}, {3, 2, 1}},  {{{1, 1, 5, 5}}, {3, 1, 1}},  {{{1, 2, 7, 6}}, {3, 1, 0}},  {{{1, 1, 8, 9}}, {4, 3, 2}},
      {{{1, 2, 9, 8}}, {5, 2, 2}},  {{{2, 3, 4, 4}}, {4, 4, 0}},  {{{1, 1, 3, 4}}, {3, 5, 1}},
  };
  return configs;
}

OpRow pool(const char* name, Draw draw, Tensor (*op)(const Tensor&, const ops::PoolOptions&)) {
  return {.name = name,
          .draw = draw,
          .configs = windows(),
          .apply = [op](const Inputs& in, const Numbers& n) { return op(in[0], {.kernel = n[0], .stride = n[1], .padding = n[2]}); },
          .large = {{{{16, 16, 28, 28}}, {2, 2, 0}}, {{{16, 16, 28, 28}}, {3, 2, 1}}}};
}

}  // namespace

std::vector<OpRow> pool_rows() {
  std::vector<Config> images;
  for (const Index factor : {1, 2, 3, 4}) {
    for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{2, 3, 2, 2}, Shape{1, 2, 3, 1}, Shape{2, 1, 1, 5}, Shape{1, 1, 2, 17}}) {
      images.push_back({{shape}, {factor}});
    }
  }
  return {
      pool("max_pool2d", Draw::distinct, ops::max_pool2d),
      pool("avg_pool2d", Draw::normal, ops::avg_pool2d),
      {.name = "upsample_nearest2d",
       .draw = Draw::normal,
       .configs = images,
       .apply = [](const Inputs& in, const Numbers& n) { return ops::upsample_nearest2d(in[0], n[0]); },
       .large = {{{{16, 16, 14, 14}}, {2}}}},
  };
}

}  // namespace emotrain::test
