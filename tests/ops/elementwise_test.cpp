#include "emotrain/ops/elementwise.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/core/error.hpp"
#include "emotrain/ops/reduce.hpp"
#include "ops/naive.hpp"
#include "ops/op_table.hpp"

namespace emotrain::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const double nan = std::numeric_limits<double>::quiet_NaN();

Tensor row_of(const Doubles& values) {
  Tensor t = Tensor::empty({static_cast<Index>(values.size())});
  for (Index i = 0; i < t.size(); ++i) t.data()[i] = static_cast<Real>(values[static_cast<std::size_t>(i)]);
  return t;
}

struct Function {
  const char* name;
  Tensor (*op)(const Tensor&);
  double (*formula)(double);
};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

const Function functions[] = {
    {"exp", ops::exp, [](double x) { return std::exp(x); }},
    {"square", ops::square, [](double x) { return x * x; }},
    {"tanh", ops::tanh, [](double x) { return std::tanh(x); }},
    {"sigmoid", ops::sigmoid, logistic},
    {"relu", ops::relu, [](double x) { return x > 0 ? x : 0; }},
    {"leaky_relu", [](const Tensor& x) { return ops::leaky_relu(x, Real(0.25)); }, [](double x) { return x > 0 ? x : x / 4; }},
    {"gelu", ops::gelu, [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }},
    {"silu", ops::silu, [](double x) { return x * logistic(x); }},
    {"softplus", ops::softplus, [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }},
    {"neg", ops::neg, [](double x) { return -x; }},
    {"affine", [](const Tensor& x) { return ops::affine(x, 3, Real(-0.5)); }, [](double x) { return 3 * x - 0.5; }},
    {"log of exp", [](const Tensor& x) { return ops::log(ops::exp(x)); }, [](double x) { return x; }},
    {"sqrt of square", [](const Tensor& x) { return ops::sqrt(ops::square(x)); }, [](double x) { return std::abs(x); }},
};

}  // namespace

TEST_CASE("functions of one number follow their formulas") {
  Doubles points;
  for (double x = -20; x <= 20; x += 0.123) points.push_back(static_cast<double>(static_cast<Real>(x)));
  const Tensor x = row_of(points);
  for (const Function& f : functions) {
    INFO(f.name);
    Doubles expected;
    for (double point : points) expected.push_back(f.formula(point));
    CHECK(largest_miss(f.op(x).values(), expected) < tolerance);
  }
}

TEST_CASE("functions of one number at the ends of the line") {
  const Tensor x = row_of({-infinity, -1000, -0.0, 0.0, 1000, infinity, nan});
  const double big = static_cast<double>(std::numeric_limits<Real>::infinity());
  struct Row {
    const char* name;
    Tensor (*op)(const Tensor&);
    Doubles expected;
  };
  const Row rows[] = {
      {"exp", ops::exp, {0, 0, 1, 1, big, big, nan}},
      {"log", ops::log, {nan, nan, -infinity, -infinity, std::log(1000.0), infinity, nan}},
      {"sqrt", ops::sqrt, {nan, nan, 0, 0, std::sqrt(1000.0), infinity, nan}},
      {"tanh", ops::tanh, {-1, -1, 0, 0, 1, 1, nan}},
      {"sigmoid", ops::sigmoid, {0, 0, 0.5, 0.5, 1, 1, nan}},
      {"relu", ops::relu, {0, 0, 0, 0, 1000, infinity, nan}},
      {"softplus", ops::softplus, {0, 0, std::log(2.0), std::log(2.0), 1000, infinity, nan}},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(largest_miss(row.op(x).values(), row.expected) < tolerance);
  }
}

TEST_CASE("gradients stay finite where a function saturates, and NaN stays NaN") {
  for (const Function& f : functions) {
    if (std::string_view(f.name) == "exp" || std::string_view(f.name).find(" of ") != std::string_view::npos) continue;
    INFO(f.name);
    const Tensor x = row_of({-500, 500, nan});
    x.set_requires_grad(true);
    autograd::backward(ops::sum(f.op(x)));
    CHECK(std::isfinite(x.grad()[0]));
    CHECK(std::isfinite(x.grad()[1]));
    CHECK(std::isnan(f.op(x).data()[2]));
    autograd::clear();
  }
}

TEST_CASE("arithmetic broadcasts as if the smaller tensor were repeated") {
  struct Row {
    const char* name;
    double (*formula)(double, double);
  };
  const Row rows[] = {{"add", [](double a, double b) { return a + b; }},
                      {"sub", [](double a, double b) { return a - b; }},
                      {"mul", [](double a, double b) { return a * b; }},
                      {"div", [](double a, double b) { return a / b; }}};
  for (const OpRow& op : elementwise_rows()) {
    for (const Row& row : rows) {
      if (std::string_view(op.name) != row.name) continue;
      for (const Config& config : op.configs) {
        INFO(describe(op, config));
        const Inputs in = draw_inputs(op, config);
        const Tensor y = op.apply(in, {});
        CHECK(largest_miss(y.values(), tabulate(y.shape(), [&](const Place& p) { return row.formula(at(in[0], p), at(in[1], p)); })) <
              tolerance);
        autograd::clear();
      }
    }
  }
}

TEST_CASE("tensors without elements pass through") {
  const Tensor none = Tensor::empty({0, 3});
  const Tensor row = row_of({1, 2, 3});
  row.set_requires_grad(true);
  const Tensor y = ops::exp(ops::add(none, row));
  CHECK(y.shape() == Shape{0, 3});
  autograd::backward(ops::sum(y));
  CHECK(largest_miss(row.grad(), {0, 0, 0}) == 0);
}

TEST_CASE("dropout drops the given part, scales the rest, and depends on key and step alone") {
  const Tensor x = Tensor::full({100000}, 2);
  const RandomKey key{.seed = 8, .stream = Stream::dropout, .substream = 1};
  const Tensor y = ops::dropout(x, 0.3, key, 5);
  Index kept = 0;
  for (Real value : y.values()) {
    if (value == 0) continue;
    ++kept;
    REQUIRE(value == Real(2) * static_cast<Real>(1 / 0.7));
  }
  CHECK(std::abs(static_cast<double>(kept) - 70000) < 4 * std::sqrt(100000 * 0.3 * 0.7));
  CHECK(std::ranges::equal(ops::dropout(x, 0.3, key, 5).values(), y.values()));
  CHECK(!std::ranges::equal(ops::dropout(x, 0.3, key, 6).values(), y.values()));
  CHECK(!std::ranges::equal(ops::dropout(x, 0.3, {.seed = 8, .stream = Stream::dropout, .substream = 2}, 5).values(), y.values()));
  CHECK(std::ranges::equal(ops::dropout(x, 0, key, 5).values(), x.values()));
}

}  // namespace emotrain::test
