#include "emotrain/ops/elementwise.hpp"
#include "ops/op_table.hpp"

namespace emotrain::test {
namespace {

const std::vector<Config>& broadcasts() {
  static const std::vector<Config> configs = {
      {{{}, {}}},
      {{{3}, {}}},
      {{{}, {3}}},
      {{{1}, {4}}},
      {{{5}, {5}}},
      {{{2, 3}, {2, 3}}},
      {{{2, 3}, {3}}},
      {{{3}, {2, 3}}},
      {{{2, 3}, {2, 1}}},
      {{{2, 1}, {2, 3}}},
      {{{2, 1}, {1, 3}}},
      {{{6, 1}, {1}}},
      {{{1, 16}, {16, 1}}},
      {{{7, 17}, {17}}},
      {{{17, 7}, {17, 1}}},
      {{{4, 1, 3}, {4, 5, 1}}},
      {{{2, 3, 4}, {4}}},
      {{{2, 3, 4}, {3, 1}}},
      {{{2, 3, 4}, {2, 1, 4}}},
      {{{2, 3, 4}, {2, 1, 1}}},
      {{{1, 1, 1}, {2, 3, 4}}},
      {{{1, 3, 1}, {2, 1, 4}}},
      {{{3, 1, 2, 1}, {1, 4, 1, 5}}},
      {{{2, 1, 3, 1, 2}, {3, 1, 2, 2}}},
  };
  return configs;
}

OpRow binary(const char* name, Draw draw, Tensor (*op)(const Tensor&, const Tensor&)) {
  return {.name = name,
          .draw = draw,
          .configs = broadcasts(),
          .apply = [op](const Inputs& in, const Numbers&) { return op(in[0], in[1]); },
          .large = {{{{160001}, {160001}}}, {{{512, 300}, {300}}}, {{{300, 512}, {300, 1}}}, {{{64, 1}, {40, 64, 80}}}, {{{}, {99999}}}}};
}

OpRow unary(const char* name, Draw draw, Tensor (*op)(const Tensor&)) {
  return {.name = name,
          .draw = draw,
          .configs = any_shape(),
          .apply = [op](const Inputs& in, const Numbers&) { return op(in[0]); },
          .large = {{{{300, 333}}}}};
}

}  // namespace

std::vector<OpRow> elementwise_rows() {
  return {
      binary("add", Draw::normal, ops::add),
      binary("sub", Draw::normal, ops::sub),
      binary("mul", Draw::normal, ops::mul),
      binary("div", Draw::positive, ops::div),
      unary("affine", Draw::normal, [](const Tensor& x) { return ops::affine(x, Real(-1.7), Real(0.3)); }),
      unary("neg", Draw::normal, ops::neg),
      unary("exp", Draw::normal, ops::exp),
      unary("log", Draw::positive, ops::log),
      unary("sqrt", Draw::positive, ops::sqrt),
      unary("square", Draw::normal, ops::square),
      unary("tanh", Draw::normal, ops::tanh),
      unary("sigmoid", Draw::normal, ops::sigmoid),
      unary("relu", Draw::distinct, ops::relu),
      unary("leaky_relu", Draw::distinct, [](const Tensor& x) { return ops::leaky_relu(x, Real(0.2)); }),
      unary("gelu", Draw::normal, ops::gelu),
      unary("silu", Draw::normal, ops::silu),
      unary("softplus", Draw::normal, ops::softplus),
      unary("dropout", Draw::normal, [](const Tensor& x) { return ops::dropout(x, 0.4, {.seed = 3, .stream = Stream::dropout}, 9); }),
  };
}

}  // namespace emotrain::test
