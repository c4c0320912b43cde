#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "emotrain/autograd/tape.hpp"
#include "emotrain/ops/conv.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "emotrain/ops/matmul.hpp"
#include "emotrain/ops/pool.hpp"
#include "emotrain/ops/reduce.hpp"
#include "ops/naive.hpp"
#include "ops/op_table.hpp"

namespace emotrain::test {
namespace {

const OpRow& row_named(const std::vector<OpRow>& rows, std::string_view name) {
  return *std::ranges::find_if(rows, [&](const OpRow& row) { return name == row.name; });
}

void check_row(const OpRow& row, double limit, const std::function<double(const Inputs&, const Numbers&, const Place&)>& expected) {
  const autograd::NoGrad guard;
  for (const Config& config : row.configs) {
    INFO(describe(row, config));
    const Inputs in = draw_inputs(row, config);
    const Tensor y = row.apply(in, config.numbers);
    CHECK(largest_miss(y.values(), tabulate(y.shape(), [&](const Place& p) { return expected(in, config.numbers, p); })) < limit);
  }
}

bool inside(Index i, Index extent) { return i >= 0 && i < extent; }

/// Visits the pixels of the window of a pooling result; numbers: kernel, stride, padding.
void for_window(const Tensor& x, const Numbers& n, const Place& p, const std::function<void(double)>& f) {
  for (Index i = 0; i < n[0]; ++i) {
    for (Index j = 0; j < n[0]; ++j) {
      const Index row = p[2] * n[1] - n[2] + i;
      const Index column = p[3] * n[1] - n[2] + j;
      if (inside(row, x.shape()[2]) && inside(column, x.shape()[3])) f(at(x, {p[0], p[1], row, column}));
    }
  }
}

double activated(double value, Index relu) { return relu != 0 ? std::max(0.0, value) : value; }
double bias_of(const Inputs& in, Index channel) { return in.size() > 2 ? at(in[2], {channel}) : 0; }

}  // namespace

TEST_CASE("pooling by its definition") {
  const auto rows = pool_rows();
  check_row(row_named(rows, "max_pool2d"), tolerance, [](const Inputs& in, const Numbers& n, const Place& p) {
    double best = -HUGE_VAL;
    for_window(in[0], n, p, [&](double value) { best = std::max(best, value); });
    return best;
  });
  check_row(row_named(rows, "avg_pool2d"), tolerance, [](const Inputs& in, const Numbers& n, const Place& p) {
    double total = 0;
    for_window(in[0], n, p, [&](double value) { total += value; });
    return total / static_cast<double>(n[0] * n[0]);
  });
  check_row(row_named(rows, "upsample_nearest2d"), tolerance, [](const Inputs& in, const Numbers& n, const Place& p) {
    return at(in[0], {p[0], p[1], p[2] / n[0], p[3] / n[0]});
  });
}

TEST_CASE("the first maximum of a window gets the gradient, in every position of the vectorised loops") {
  // Widths that are covered by eight, by four, and by single results; two equal maxima in each window, at all pairs of places.
  for (const Index results : {1, 3, 4, 5, 7, 8, 9, 14, 16, 19}) {
    for (int first = 0; first < 4; ++first) {
      for (int second = first; second < 4; ++second) {
        Tensor x = Tensor::zeros({1, 1, 2, 2 * results});
        Doubles expected(static_cast<std::size_t>(x.size()), 0);
        for (Index i = 0; i < results; ++i) {
          const auto place = [&](int number) { return number / 2 * 2 * results + 2 * i + number % 2; };
          x.data()[place(first)] = x.data()[place(second)] = static_cast<Real>(i + 1);
          expected[static_cast<std::size_t>(place(first))] = 1;
        }
        x.set_requires_grad(true);
        const Tensor y = ops::max_pool2d(x, {});
        CHECK(y.data()[results - 1] == static_cast<Real>(results));
        autograd::backward(ops::sum(y));
        CHECK(largest_miss(x.grad(), expected) == 0);
      }
    }
  }
}

TEST_CASE("a NaN is the maximum of its window") {
  for (const Index kernel : {2, 3}) {
    for (Index place = 0; place < kernel * kernel; ++place) {
      Tensor x = Tensor::zeros({1, 1, kernel, 8 * kernel});
      for (Index window = 0; window < 8; ++window) {
        x.data()[place / kernel * 8 * kernel + window * kernel + place % kernel] = std::numeric_limits<Real>::quiet_NaN();
      }
      const Tensor y = ops::max_pool2d(x, {.kernel = kernel, .stride = kernel});
      CHECK(std::ranges::all_of(y.values(), [](Real value) { return std::isnan(value); }));
    }
  }
}

TEST_CASE("matrix products by their definition") {
  const auto rows = matmul_rows();
  const double limit = 4 * tolerance;
  check_row(row_named(rows, "matmul"), limit, [](const Inputs& in, const Numbers&, const Place& p) {
    double total = 0;
    for (Index k = 0; k < in[0].shape()[1]; ++k) total += at(in[0], {p[0], k}) * at(in[1], {k, p[1]});
    return total;
  });
  for (const char* name : {"linear", "linear without bias"}) {
    check_row(row_named(rows, name), limit, [](const Inputs& in, const Numbers& n, const Place& p) {
      double total = bias_of(in, p[1]);
      for (Index k = 0; k < in[0].shape()[1]; ++k) total += at(in[0], {p[0], k}) * at(in[1], {p[1], k});
      return activated(total, n[0]);
    });
  }
}

TEST_CASE("convolution by its definition") {
  const auto rows = conv_rows();
  check_row(row_named(rows, "conv2d"), 8 * tolerance, [](const Inputs& in, const Numbers& n, const Place& p) {
    const Shape& image = in[0].shape();
    const Shape& weight = in[1].shape();
    double total = bias_of(in, p[1]);
    for_places({weight[1], weight[2], weight[3]}, [&](const Place& k) {
      const Index row = p[2] * n[0] - n[2] + k[1];
      const Index column = p[3] * n[0] - n[2] + k[2];
      if (inside(row, image[2]) && inside(column, image[3])) {
        total += at(in[0], {p[0], k[0], row, column}) * at(in[1], {p[1], k[0], k[1], k[2]});
      }
    });
    return activated(total, n[3]);
  });
}

TEST_CASE("transposed convolution by its definition") {
  const auto rows = conv_rows();
  check_row(row_named(rows, "conv_transpose2d"), 8 * tolerance, [](const Inputs& in, const Numbers& n, const Place& p) {
    const Shape& image = in[0].shape();
    const Shape& weight = in[1].shape();
    double total = bias_of(in, p[1]);
    for_places({weight[0], weight[2], weight[3]}, [&](const Place& k) {
      const Index row = p[2] + n[2] - k[1];
      const Index column = p[3] + n[2] - k[2];
      if (row % n[0] == 0 && column % n[0] == 0 && inside(row / n[0], image[2]) && inside(column / n[0], image[3])) {
        total += at(in[0], {p[0], k[0], row / n[0], column / n[0]}) * at(in[1], {k[0], p[1], k[1], k[2]});
      }
    });
    return activated(total, n[3]);
  });
}

}  // namespace emotrain::test
