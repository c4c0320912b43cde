#include "ops/op_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "emotrain/core/buffer.hpp"
#include "emotrain/core/threads.hpp"
#include "support/gradient_check.hpp"

namespace emotrain::test {
namespace {

using Values = std::vector<Real>;

Values values_of(std::span<const Real> span) { return {span.begin(), span.end()}; }

/// Sums may be formed in another order when they add to what is there.
constexpr Real rounding = 32 * std::numeric_limits<Real>::epsilon();

/// The largest |a - factor b| over the largest |factor b|.
Real relative_miss(std::span<const Real> a, std::span<const Real> b, Real factor) {
  if (a.size() != b.size()) return 1;
  Real miss = 0;
  Real scale = std::numeric_limits<Real>::min();
  for (std::size_t i = 0; i < a.size(); ++i) {
    miss = std::max(miss, std::abs(a[i] - factor * b[i]));
    scale = std::max(scale, std::abs(factor * b[i]));
  }
  return miss / scale;
}

void backward_of(const OpRow& row, const Config& config, const Inputs& inputs) {
  autograd::backward(weighted_sum(row.apply(inputs, config.numbers)));
}

std::vector<Values> gradients(const OpRow& row, const Config& config, const Inputs& inputs) {
  for (const Tensor& input : inputs) input.clear_grad();
  backward_of(row, config, inputs);
  std::vector<Values> all;
  for (const Tensor& input : inputs) all.push_back(values_of(input.grad()));
  return all;
}

template <class Check>
void for_configs(const Check& check) {
  for (const OpRow& row : all_rows()) {
    for (const Config& config : row.configs) {
      INFO(describe(row, config));
      check(row, config, draw_inputs(row, config));
    }
  }
}

}  // namespace

TEST_CASE("every op with shapes is checked in at least 20 configurations") {
  for (const OpRow& row : all_rows()) {
    INFO(row.name);
    CHECK(row.configs.size() >= 20);
  }
}

#ifdef EMOTRAIN_REAL_DOUBLE
TEST_CASE("gradients equal central differences") {
  for_configs([](const OpRow& row, const Config& config, const Inputs& inputs) {
    CHECK(gradient_mismatch(inputs, [&] { return row.apply(inputs, config.numbers); }) == "");
  });
}
#endif

TEST_CASE("gradients of leaves add up over backward passes") {
  for_configs([](const OpRow& row, const Config& config, const Inputs& inputs) {
    const auto once = gradients(row, config, inputs);
    backward_of(row, config, inputs);
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      CHECK(relative_miss(inputs[k].grad(), once[k], 2) < rounding);
    }
  });
}

TEST_CASE("gradients of intermediate results add up over their uses") {
  for_configs([](const OpRow& row, const Config& config, const Inputs& inputs) {
    const auto once = gradients(row, config, inputs);
    for (const Tensor& input : inputs) input.clear_grad();
    Inputs copies;
    for (const Tensor& input : inputs) copies.push_back(ops::affine(input, 1, 0));
    const Tensor first = weighted_sum(row.apply(copies, config.numbers));
    const Tensor second = weighted_sum(row.apply(copies, config.numbers));
    autograd::backward(ops::add(first, second));
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      CHECK(relative_miss(inputs[k].grad(), once[k], 2) < rounding);
    }
  });
}

TEST_CASE("only the inputs that want a gradient get one, and the others do not change theirs") {
  for_configs([](const OpRow& row, const Config& config, const Inputs& inputs) {
    const auto all = gradients(row, config, inputs);
    for (std::size_t only = 0; inputs.size() > 1 && only < inputs.size(); ++only) {
      for (std::size_t k = 0; k < inputs.size(); ++k) {
        inputs[k].clear_grad();
        inputs[k].set_requires_grad(k == only);
      }
      backward_of(row, config, inputs);
      for (std::size_t k = 0; k < inputs.size(); ++k) CHECK(inputs[k].has_grad() == (k == only));
      CHECK(values_of(inputs[only].grad()) == all[only]);
    }
  });
}

TEST_CASE("a second step on the same tape equals the first, in the same memory") {
  for_configs([](const OpRow& row, const Config& config, const Inputs& inputs) {
    const auto first = gradients(row, config, inputs);
    CHECK(gradients(row, config, inputs) == first);
    const std::size_t bytes = pool_bytes();
    CHECK(gradients(row, config, inputs) == first);
    CHECK(pool_bytes() == bytes);
  });
}

TEST_CASE("without gradients the result is the same and nothing is recorded") {
  for_configs([](const OpRow& row, const Config& config, const Inputs& inputs) {
    const Values tracked = values_of(row.apply(inputs, config.numbers).values());
    autograd::clear();
    const autograd::NoGrad guard;
    const Tensor y = row.apply(inputs, config.numbers);
    CHECK(values_of(y.values()) == tracked);
    CHECK(!y.requires_grad());
    CHECK_THROWS_AS(autograd::backward(weighted_sum(y)), Error);
  });
}

TEST_CASE("results do not depend on the number of threads") {
  for (const OpRow& row : all_rows()) {
    for (const Config& config : row.large) {
      INFO(describe(row, config));
      const Inputs inputs = draw_inputs(row, config);
      const auto run = [&](int count) {
        set_threads(count);
        const Tensor y = row.apply(inputs, config.numbers);
        std::vector<Values> all{values_of(y.values())};
        autograd::clear();
        for (Values& gradient : gradients(row, config, inputs)) all.push_back(std::move(gradient));
        return all;
      };
      const auto alone = run(1);
      const bool same = run(3) == alone;
      set_threads(1);
      CHECK(same);
    }
  }
}

}  // namespace emotrain::test
