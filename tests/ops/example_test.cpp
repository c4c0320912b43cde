#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "emotrain/autograd/tape.hpp"
#include "one_scalar.hpp"

using namespace emotrain;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(EMOTRAIN_SOURCE "/" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Tensor scalar(Real value) { return Tensor::from(Shape{1}, std::vector<Real>{value}); }

}  // namespace

TEST_CASE("docs/how-autograd-works.md shows the code that is run here, and its numbers") {
  const std::string code = text_of("docs/examples/one_scalar.hpp");
  REQUIRE_FALSE(code.empty());
  CHECK(text_of("docs/how-autograd-works.md").find("```cpp\n" + code + "```") != std::string::npos);
  const Tensor w = scalar(3).set_requires_grad(true);
  const Tensor x = scalar(2);
  const Tensor t = scalar(5);
  const Tensor loss = penalized_error(w, x, t);
  CHECK(loss.item() == 10);
  autograd::backward(loss);
  REQUIRE(w.has_grad());
  CHECK(w.grad()[0] == 10);
  CHECK_FALSE(x.has_grad());
  // Half the seed, half the gradient; it adds to what is there.
  autograd::backward(penalized_error(w, x, t), Real(0.5));
  CHECK(w.grad()[0] == 15);
  w.clear_grad();
  {
    const autograd::NoGrad guard;
    CHECK_FALSE(penalized_error(w, x, t).requires_grad());
  }
}
