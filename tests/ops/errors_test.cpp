#include <doctest/doctest.h>

#include <functional>

#include "emotrain/core/error.hpp"
#include "emotrain/ops/conv.hpp"
#include "emotrain/ops/elementwise.hpp"
#include "emotrain/ops/losses.hpp"
#include "emotrain/ops/matmul.hpp"
#include "emotrain/ops/norm.hpp"
#include "emotrain/ops/pool.hpp"
#include "emotrain/ops/reduce.hpp"
#include "emotrain/ops/structure.hpp"

namespace emotrain::test {
namespace {

using ops::Reduction;

Tensor of(const Shape& shape) { return Tensor::zeros(shape); }
const std::vector<std::int32_t> labels = {0, 3};

struct Row {
  ErrorKind kind;
  /// What the message must contain.
  std::vector<const char*> parts;
  std::function<void()> call;
};

const Row rows[] = {
    {ErrorKind::shape,
     {"[add]", "(2,3)", "(4)"},
     [] {
       ops::add(of({2, 3}), of({4}));
     }},
    {ErrorKind::shape,
     {"[div]", "(2,1)", "(3,2)"},
     [] {
       ops::div(of({2, 1}), of({3, 2}));
     }},
    {ErrorKind::usage, {"[dropout]", "1", "[0, 1)"}, [] { ops::dropout(of({2}), 1, {}, 0); }},
    {ErrorKind::usage, {"[dropout]", "-0.1"}, [] { ops::dropout(of({2}), -0.1, {}, 0); }},
    {ErrorKind::shape,
     {"axis 2", "(2,3)"},
     [] {
       ops::sum(of({2, 3}), std::vector<int>{2});
     }},
    {ErrorKind::shape,
     {"[mean]", "twice", "-1"},
     [] {
       ops::mean(of({2, 3}), std::vector<int>{1, -1});
     }},
    {ErrorKind::shape,
     {"[max]", "(0,3)"},
     [] {
       ops::max(of({0, 3}));
     }},
    {ErrorKind::shape, {"axis -1", "()"}, [] { ops::softmax(of({})); }},
    {ErrorKind::shape,
     {"axis 3"},
     [] {
       ops::transpose(of({2, 3}), 0, 3);
     }},
    {ErrorKind::shape,
     {"[reshape]", "(2,3)", "6", "(4,2)"},
     [] {
       ops::reshape(of({2, 3}), std::vector<Index>{4, 2});
     }},
    {ErrorKind::shape,
     {"[reshape]", "(4,-1)"},
     [] {
       ops::reshape(of({2, 3}), std::vector<Index>{4, -1});
     }},
    {ErrorKind::shape,
     {"[reshape]", "one extent"},
     [] {
       ops::reshape(of({2, 3}), std::vector<Index>{-1, -1});
     }},
    {ErrorKind::shape, {"[flatten]"}, [] { ops::flatten(of({})); }},
    {ErrorKind::shape,
     {"[slice]", "[1, 4)", "(2,3)", "<= 3"},
     [] {
       ops::slice(of({2, 3}), 1, 1, 4);
     }},
    {ErrorKind::shape,
     {"[slice]"},
     [] {
       ops::slice(of({2, 3}), 0, 1, 0);
     }},
    {ErrorKind::shape, {"[concat]", "at least one"}, [] { ops::concat({}, 0); }},
    {ErrorKind::shape,
     {"[concat]", "(2,3)", "(3,4)"},
     [] {
       ops::concat(std::vector<Tensor>{of({2, 3}), of({3, 4})}, 0);
     }},
    {ErrorKind::shape,
     {"[concat]", "(2,3)", "(2)"},
     [] {
       ops::concat(std::vector<Tensor>{of({2, 3}), of({2})}, 0);
     }},
    {ErrorKind::shape,
     {"[max_pool2d]", "(2,3)"},
     [] {
       ops::max_pool2d(of({2, 3}), {});
     }},
    {ErrorKind::shape,
     {"[avg_pool2d]", "(1,1,2,2)", "3"},
     [] {
       ops::avg_pool2d(of({1, 1, 2, 2}), {.kernel = 3, .stride = 1});
     }},
    {ErrorKind::usage,
     {"[max_pool2d]", "padding 2"},
     [] {
       ops::max_pool2d(of({1, 1, 4, 4}), {.kernel = 3, .stride = 1, .padding = 2});
     }},
    {ErrorKind::usage,
     {"[avg_pool2d]", "stride 0"},
     [] {
       ops::avg_pool2d(of({1, 1, 4, 4}), {.kernel = 2, .stride = 0});
     }},
    {ErrorKind::usage,
     {"[upsample_nearest2d]", "0"},
     [] {
       ops::upsample_nearest2d(of({1, 1, 4, 4}), 0);
     }},
    {ErrorKind::shape, {"[upsample_nearest2d]", "(4)"}, [] { ops::upsample_nearest2d(of({4}), 2); }},
    {ErrorKind::shape,
     {"[batch_norm]", "running_var", "(2)", "(3)"},
     [] {
       ops::batch_norm(of({2, 3}), of({3}), of({3}), of({3}), of({2}), true);
     }},
    {ErrorKind::shape,
     {"[batch_norm]", "(1,3)"},
     [] {
       ops::batch_norm(of({1, 3}), of({3}), of({3}), of({3}), of({3}), true);
     }},
    {ErrorKind::shape,
     {"[batch_norm]", "bias", "undefined"},
     [] {
       ops::batch_norm(of({2, 3}), of({3}), {}, of({3}), of({3}), true);
     }},
    {ErrorKind::shape,
     {"[group_norm]", "2 groups", "3"},
     [] {
       ops::group_norm(of({2, 3}), 2, of({3}), of({3}));
     }},
    {ErrorKind::shape,
     {"[layer_norm]", "weight", "(2)", "(3)"},
     [] {
       ops::layer_norm(of({2, 3}), of({2}), of({3}));
     }},
    {ErrorKind::shape,
     {"[mse_loss]", "(2,3)", "(3,2)"},
     [] {
       ops::mse_loss(of({2, 3}), of({3, 2}), Reduction::mean);
     }},
    {ErrorKind::shape, {"[gaussian_nll]", "variance", "(2)"}, [] { ops::gaussian_nll(of({3}), of({3}), of({2}), 1e-6, Reduction::mean); }},
    {ErrorKind::usage, {"[huber_loss]", "delta 0"}, [] { ops::huber_loss(of({3}), of({3}), 0, Reduction::mean); }},
    {ErrorKind::data,
     {"[cross_entropy]", "label 3", "3 classes"},
     [] {
       ops::cross_entropy(of({2, 3}), labels, 0, Reduction::mean);
     }},
    {ErrorKind::shape,
     {"[cross_entropy]", "2 labels", "(3,4)"},
     [] {
       ops::cross_entropy(of({3, 4}), labels, 0, Reduction::mean);
     }},
    {ErrorKind::shape, {"[cross_entropy]", "(3)"}, [] { ops::cross_entropy(of({3}), labels, 0, Reduction::mean); }},
    {ErrorKind::usage,
     {"[cross_entropy]", "1.5"},
     [] {
       ops::cross_entropy(of({2, 4}), labels, 1.5, Reduction::mean);
     }},
    {ErrorKind::shape,
     {"[negative_elbo]", "(2,3)", "(4,3)"},
     [] {
       ops::negative_elbo(of({2, 3}), of({2, 3}), of({4, 3}), of({4, 3}), 1, {});
     }},
    {ErrorKind::shape,
     {"[matmul]", "(3,4)", "(5,2)"},
     [] {
       ops::matmul(of({3, 4}), of({5, 2}));
     }},
    {ErrorKind::shape,
     {"[linear]", "(3,4)", "(2,5)"},
     [] {
       ops::linear(of({3, 4}), of({2, 5}), {});
     }},
    {ErrorKind::shape,
     {"[linear]", "bias", "(3)"},
     [] {
       ops::linear(of({3, 4}), of({2, 4}), of({3}));
     }},
    {ErrorKind::shape,
     {"[conv2d]", "(1,2,4,4)", "(3,1,3,3)"},
     [] {
       ops::conv2d(of({1, 2, 4, 4}), of({3, 1, 3, 3}), {}, {});
     }},
    {ErrorKind::shape,
     {"[conv2d]", "(0,1,4,4)", "no extent may be 0"},
     [] {
       ops::conv2d(of({0, 1, 4, 4}), of({1, 1, 3, 3}), {}, {});
     }},
    {ErrorKind::shape,
     {"[conv2d]", "(1,1,2,2)"},
     [] {
       ops::conv2d(of({1, 1, 2, 2}), of({1, 1, 3, 3}), {}, {});
     }},
    {ErrorKind::shape,
     {"[conv2d]", "(1,1,2,1)", "max pooling"},
     [] {
       ops::conv2d(of({1, 1, 4, 3}), of({1, 1, 3, 3}), {}, {.max_pool = true});
     }},
    {ErrorKind::shape,
     {"[conv_transpose2d]", "output_padding 2"},
     [] {
       ops::conv_transpose2d(of({1, 1, 2, 2}), of({1, 1, 3, 3}), {}, {.stride = 2, .padding = 0, .output_padding = 2});
     }},
};

}  // namespace

TEST_CASE("misuse is an error that names the op, the shapes and what is wanted") {
  for (const Row& row : rows) {
    INFO(row.parts.front() << " " << row.parts.back());
    try {
      row.call();
      FAIL_CHECK("no error");
    } catch (const Error& error) {
      CHECK(error.kind() == row.kind);
      for (const char* part : row.parts) CHECK(doctest::String(error.what()) == doctest::Contains(part));
    }
  }
}

}  // namespace emotrain::test
