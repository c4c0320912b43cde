#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "adamax.hpp"
#include "emotrain/core/error.hpp"

using namespace emotrain;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(EMOTRAIN_SOURCE "/" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("docs/add-an-optimizer.md shows the header that is compiled here") {
  const std::string code = text_of("docs/examples/adamax.hpp");
  REQUIRE_FALSE(code.empty());
  CHECK(text_of("docs/add-an-optimizer.md").find("```cpp\n" + code + "```") != std::string::npos);
}

TEST_CASE("the example takes the steps of torch.optim.Adamax") {
  optim::Elementwise<optim::Adamax> options;
  const Tensor p = Tensor::from(Shape{2}, std::vector<Real>{1, -2}).set_requires_grad(true);
  const auto optimizer = options.build({p});
  const auto step = [&](Index number, Real g0, Real g1) {
    const auto sink = p.grad_sink();
    sink.data[0] = g0;
    sink.data[1] = g1;
    optimizer->step({.step = number, .loss = 1, .lr = 0.1});
  };
  // Worked by hand. Step 1: m = 0.1 g, u = |g|, so p moves by 0.1 sign(g).
  step(1, 0.5, -4);
  CHECK(p.data()[0] == doctest::Approx(0.9).epsilon(1e-6));
  CHECK(p.data()[1] == doctest::Approx(-1.9).epsilon(1e-6));
  // Step 2: m = (0.9 * 0.05 + 0.1) = 0.145 and -0.36, u = 1 and 0.999 * 4; p moves by 0.1 / 0.19 m / u.
  step(2, 1, 0);
  CHECK(p.data()[0] == doctest::Approx(0.9 - 0.1 / 0.19 * 0.145).epsilon(1e-6));
  CHECK(p.data()[1] == doctest::Approx(-1.9 + 0.1 / 0.19 * 0.36 / 3.996).epsilon(1e-6));
}

TEST_CASE("the example may carry what any optimizer may") {
  optim::Elementwise<optim::Adamax> options;
  options.emotion.emplace();
  options.shadow.emplace();
  options.check();
  const Tensor p = Tensor::full({300, 7}, 1).set_requires_grad(true);
  const auto optimizer = options.build({p});
  double ratio = 0;
  for (Index number = 1; number <= 5; ++number) {
    std::fill_n(p.grad_sink().data, p.size(), Real(1));
    ratio = optimizer->step({.step = number, .loss = double(number), .lr = 0.1}).emotion->ratio;
  }
  CHECK(ratio > 0.8);
  CHECK(optimizer->state().size() == 3);
}
